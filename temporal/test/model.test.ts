import { createReconciler } from '@pay-to-view/ingestion'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { skippingServer } from './environment/temporal-servers.ts'
import { day, minute, type Stage, second, setStage } from './environment/test-environment.ts'
import { bundle, quiet } from './environment/workflow-bundle.ts'
import { script, take } from './model/actions.ts'
import { atStripe, inLedger } from './model/expected.ts'

let database: Database
let stage: Stage

beforeAll(async () => {
  quiet()
  const code = await bundle()
  database = await startDatabase()
  stage = await setStage({ server: skippingServer, database, bundle: code })
})

afterAll(async () => {
  await stage?.clear()
  await database?.stop()
})

const lifeCount = 24

// MODEL_SEED plays the same lives again.
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31)

const troubles = [
  { on: 'webhook', effect: 'drop', probability: 0.5, seed },
  { on: 'webhook', effect: 'repeat', probability: 0.2, count: 2, seed },
  { on: 'webhook', effect: 'reorder', probability: 0.3, window: 3, seed },
]

test(`whatever happens, the ledger ends as Stripe has it (MODEL_SEED=${seed})`, async () => {
  const scripts = fc.sample(script, { numRuns: lifeCount, seed })
  const lives = []
  for (const steps of scripts) lives.push({ steps, bought: await stage.create(), refused: 0 })
  for (const trouble of troubles) await stage.stripe.post('faults', trouble)
  for (let turn = 0; lives.some(({ steps }) => turn < steps.length); turn++) {
    for (const life of lives) {
      const step = life.steps[turn]
      if (step) await take(stage, life.bought, step).catch(() => life.refused++)
    }
  }
  expect(lives.filter(({ steps, refused }) => refused < steps.length).length).toBeGreaterThan(lifeCount / 3)
  await stage.stripe.healed()
  // What is late is told before the deadlines: the test server keeps a task for good in which a timer is cancelled that has just fired
  // (temporalio/sdk-java#2606, #3088).
  await stage.advance(minute)
  await stage.whenTold()
  await stage.advance(40 * minute)
  await stage.advance(2 * day)
  await stage.whenTold()
  const now = Math.ceil((await stage.env.currentTimeMs()) / 1_000)
  const { db, purchases, ingestor } = stage
  const reconciler = createReconciler({ db, stripe: stage.stripe.gateway, purchases, ingestor, grace: 0 })
  await reconciler.reconcile({ since: now - 3 * 86_400, until: now, dryRun: false })
  await stage.whenTold()
  await stage.advance(10 * second)
  for (const { bought, steps } of lives) {
    const truth = await atStripe(stage, bought)
    const what = `${bought.id} after ${JSON.stringify(steps)}`
    await expect.poll(() => inLedger(stage, bought), { message: what, timeout: 5_000 }).toEqual(truth)
    expect(truth.refunded, what).toBeLessThanOrEqual(truth.paid)
  }
})
