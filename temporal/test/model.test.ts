import { createReconciler } from '@pay-to-view/ingestion'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTimeSkippingServer } from './environment/temporal-servers.ts'
import { createTestEnvironment, day, minute, second, type TestEnvironment } from './environment/test-environment.ts'
import { bundleTestWorkflows, silenceTemporalLogs } from './environment/workflow-bundle.ts'
import { actionSequence, perform } from './model/actions.ts'
import { expectedFromStripe, readStored } from './model/expected.ts'

let database: Database
let env: TestEnvironment

beforeAll(async () => {
  silenceTemporalLogs()
  const bundle = await bundleTestWorkflows()
  database = await startDatabase()
  env = await createTestEnvironment({ server: startTimeSkippingServer, database, bundle })
})

afterAll(async () => {
  await env?.close()
  await database?.stop()
})

const purchaseCount = 24

// Set MODEL_SEED to replay a run.
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31)

const faults = [
  { on: 'webhook', effect: 'drop', probability: 0.5, seed },
  { on: 'webhook', effect: 'repeat', probability: 0.2, count: 2, seed },
  { on: 'webhook', effect: 'reorder', probability: 0.3, window: 3, seed },
]

test(`after any sequence of actions and lost webhooks, the database agrees with Stripe (MODEL_SEED=${seed})`, async () => {
  const runs = []
  for (const actions of fc.sample(actionSequence, { numRuns: purchaseCount, seed }))
    runs.push({ actions, purchase: await env.createPurchase(), rejected: 0 })
  for (const fault of faults) await env.stripe.control('faults', fault)
  for (let round = 0; runs.some(({ actions }) => round < actions.length); round++) {
    for (const run of runs) {
      const action = run.actions[round]
      if (action) await perform(env, run.purchase, action).catch(() => run.rejected++)
    }
  }
  expect(runs.filter(({ actions, rejected }) => rejected < actions.length).length).toBeGreaterThan(purchaseCount / 3)
  await env.stripe.clearFaults()
  // Late events are applied before any deadline passes, because the test server never completes a workflow task that cancels a timer
  // that has just fired (temporalio/sdk-java#2606, #3088).
  await env.advance(minute)
  await env.waitUntilEventsApplied()
  await env.advance(40 * minute)
  await env.advance(2 * day)
  await env.waitUntilEventsApplied()
  const now = Math.ceil((await env.temporal.currentTimeMs()) / 1_000)
  const { db, ingestor } = env
  // The time-skipping server cannot list workflows.
  const purchases = { ...env.purchases, listBlocked: async () => null }
  const reconciler = createReconciler({ db, stripe: env.stripe.gateway, purchases, ingestor, graceSeconds: 0 })
  await reconciler.reconcile({ since: now - 3 * 86_400, until: now, dryRun: false })
  await env.waitUntilEventsApplied()
  await env.advance(10 * second)
  for (const { purchase, actions } of runs) {
    const expected = await expectedFromStripe(env, purchase)
    const message = `${purchase.id} after ${JSON.stringify(actions)}`
    await expect.poll(() => readStored(env, purchase), { message, timeout: 5_000 }).toEqual(expected)
    expect(expected.refunded, message).toBeLessThanOrEqual(expected.paid)
  }
})
