import { waitFor } from '@pay-to-view/devstack/wait'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useStack } from '../../../packages/devstack/test/harness.ts'
import { Life, steps } from '../src/lives/life.ts'
import { troubles } from '../src/lives/troubles.ts'
import { createWorld, type World } from '../src/lives/world.ts'
import { check } from '../src/settle.ts'

const stack = useStack({ worksWith: { RECONCILE_EVERY: '2', RECONCILE_GRACE: '1' } })
let world: World
beforeAll(() => {
  world = createWorld(stack().stack, stack().token)
})
afterAll(() => world?.close())

const lifeCount = 200
const atOnce = 12

// LIVES_SEED plays the same lives again.
const seed = Number(process.env.LIVES_SEED ?? Date.now() % 2 ** 31)

test(`${lifeCount} lives end as Stripe has them, and the doctor finds nothing amiss (LIVES_SEED=${seed})`, async () => {
  const lives = fc.sample(steps, { numRuns: lifeCount, seed }).map((one, n) => new Life(world, `life-${n}`, one))
  for (const trouble of troubles) await world.emulator('faults', { seed, ...trouble })
  const waiting = [...lives]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let life = waiting.shift(); life; life = waiting.shift()) await life.live()
    }),
  )
  await world.emulator('faults', {}, 'DELETE')
  expect(lives.flatMap((life) => life.wrong)).toEqual([])
  // Enough of them have bought something, or the test would say nothing.
  expect(lives.filter((life) => life.paid > 0).length).toBeGreaterThan(lifeCount / 2)

  let differences: string[] = []
  await waitFor(
    'every life to end as Stripe has it',
    async () => {
      differences = await check(world, lives, stack().stack.stripeApi)
      return differences.length === 0
    },
    { within: 120_000, every: 1_000 },
  ).catch(() => expect(differences).toEqual([]))
}, 400_000)
