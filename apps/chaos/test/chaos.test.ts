import { built } from '@pay-to-view/testing/built'
import { expect, test } from 'vitest'
import { formatReport, shortfalls } from '../src/report.ts'
import { runChaos } from '../src/run.ts'
import { serviceNames } from '../src/services.ts'

// Set CHAOS_SEED to repeat a plan.
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31)

test(`every invariant holds after 100 purchases during which every service is killed (CHAOS_SEED=${seed})`, async () => {
  const lines: string[] = []
  const options = { seed, purchases: 100, faults: 20, concurrency: 12, duration: 200, built }
  const result = await runChaos({ ...options, log: (line) => lines.push(line) })
  expect(result.violations, [...lines, formatReport(result)].join('\n')).toEqual([])
  expect(shortfalls(result)).toEqual([])
  expect(result.purchases.paid).toBeGreaterThan(50)
  expect([...result.kills.injected.keys()].sort()).toEqual([...serviceNames].sort())
  expect(result.kills.planned).toBeGreaterThanOrEqual(10)
}, 400_000)
