import fc from 'fast-check'
import { expect, test } from 'vitest'
import { waitFor } from '../src/wait.ts'
import { useStack } from './harness.ts'
import { compare } from './lives/compare.ts'
import { Life, steps } from './lives/life.ts'

const stack = useStack({ worksWith: { RECONCILE_EVERY: '2', RECONCILE_GRACE: '1' } })

const lifeCount = 200
const atOnce = 12

// LIVES_SEED plays the same lives again.
const seed = Number(process.env.LIVES_SEED ?? Date.now() % 2 ** 31)

const troubles = [
  { on: 'webhook', effect: 'drop', probability: 0.2 },
  { on: 'webhook', effect: 'delay', ms: 400, probability: 0.2 },
  { on: 'webhook', effect: 'repeat', count: 2, probability: 0.2 },
  { on: 'webhook', effect: 'reorder', window: 4, probability: 0.2 },
  { on: 'api', effect: 'rate_limit', probability: 0.02 },
  { on: 'api', effect: 'error', probability: 0.02 },
  { on: 'api', effect: 'latency', ms: [5, 80], probability: 0.1 },
  { on: 'api', effect: 'cut', probability: 0.02 },
  { on: 'api', effect: 'lost_answer', probability: 0.02 },
]

test(`${lifeCount} lives end as Stripe has them (LIVES_SEED=${seed})`, async () => {
  const { emulator } = stack()
  const lives = fc.sample(steps, { numRuns: lifeCount, seed }).map((one, n) => new Life(stack(), `life-${n}`, one))
  for (const trouble of troubles) await emulator('faults', { seed, ...trouble })
  const waiting = [...lives]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let life = waiting.shift(); life; life = waiting.shift()) await life.live()
    }),
  )
  await emulator('faults', {}, 'DELETE')
  expect(lives.flatMap((life) => life.wrong)).toEqual([])
  // Enough of them have bought something, or the test would say nothing.
  expect(lives.filter((life) => life.paid > 0).length).toBeGreaterThan(lifeCount / 2)

  let differences: string[] = []
  await waitFor(
    'every life to end as Stripe has it',
    async () => {
      differences = await compare(stack(), lives)
      return differences.length === 0
    },
    { within: 120_000, every: 1_000 },
  ).catch(() => expect(differences).toEqual([]))
}, 400_000)
