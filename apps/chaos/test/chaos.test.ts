import { expect, test } from 'vitest'
import { reportOf, shortfalls } from '../src/report.ts'
import { runChaos } from '../src/run.ts'
import { partNames } from '../src/site.ts'

// CHAOS_SEED gives the same plan again.
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31)

test(`100 lives while every part is killed, and everything holds (CHAOS_SEED=${seed})`, async () => {
  const said: string[] = []
  const outcome = await runChaos({ seed, lives: 100, faults: 20, concurrency: 12, duration: 200, say: (line) => said.push(line) })
  expect(outcome.violations, [...said, reportOf(outcome)].join('\n')).toEqual([])
  expect(shortfalls(outcome)).toEqual([])
  expect(outcome.lives.bought).toBeGreaterThan(50)
  expect([...outcome.kills.done.keys()].sort()).toEqual([...partNames].sort())
  expect(outcome.kills.wanted).toBeGreaterThanOrEqual(10)
}, 400_000)
