import type { Reads } from '@pay-to-view/db'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { registerStateGauges } from '../src/state-gauges.ts'

const counts: Awaited<ReturnType<Reads['stuckCounts']>> = {
  reconciledUntil: new Date(1_700_000_000_000),
  pendingPastDeadline: 3,
  mismatched: 0,
  unappliedEvents: 0,
  blockedWorkflows: 0,
  orphanEvents: 0,
  unansweredRefunds: 0,
  failedRefunds: 0,
}

const never = new Promise<never>(() => undefined)

/** Registers the gauges with sources that a test can replace later. */
const start = () => {
  const sources = {
    openAlertCounts: async () => new Map([['disputed', 1]]),
    stuckCounts: async () => counts,
    outboxState: async () => ({ undispatched: 1, pending: 2, failing: 3, oldestSeconds: 4 }),
    backlog: async () => [{ kind: 'workflow' as const, tasks: 5, oldestSeconds: 2 }],
  }
  const registry = new Registry()
  const refresh = registerStateGauges(registry, {
    reads: {
      openAlertCounts: () => sources.openAlertCounts(),
      stuckCounts: () => sources.stuckCounts(),
      outboxState: () => sources.outboxState(),
    },
    backlog: () => sources.backlog(),
  })
  const scrape = async (): Promise<string> => {
    await refresh()
    return registry.metrics()
  }
  return { sources, scrape }
}

const ageOf = (metrics: string, source: string): number =>
  Number(new RegExp(`pay_to_view_state_age_seconds\\{source="${source}"\\} (\\S+)`).exec(metrics)?.[1])

test('a scrape serves the state of both sources', async () => {
  const metrics = await start().scrape()
  for (const line of [
    'pay_to_view_alerts_open{kind="disputed"} 1',
    'pay_to_view_stuck_items{kind="pendingPastDeadline"} 3',
    'pay_to_view_reconciled_until_timestamp_seconds 1700000000',
    'pay_to_view_webhook_messages{kind="failing"} 3',
    'pay_to_view_outbox_age_seconds 4',
    'pay_to_view_backlog_tasks{kind="workflow"} 5',
    'pay_to_view_backlog_age_seconds{kind="workflow"} 2',
  ])
    expect(metrics).toContain(line)
  expect(ageOf(metrics, 'database')).toBeLessThan(1)
})

test('while a source does not respond, a scrape takes less than 2 s and serves its last known values with their age', async () => {
  const { sources, scrape } = start()
  await scrape()
  let reads = 0
  sources.stuckCounts = () => {
    reads += 1
    return never
  }
  sources.backlog = async () => [{ kind: 'workflow', tasks: 6, oldestSeconds: 3 }]
  const startedAt = performance.now()
  const first = await scrape()
  expect(performance.now() - startedAt).toBeLessThan(2_000)
  const second = await scrape()
  expect(reads, 'one read at a time').toBe(1)
  expect(second).toContain('pay_to_view_stuck_items{kind="pendingPastDeadline"} 3')
  expect(second).toContain('pay_to_view_alerts_open{kind="disputed"} 1')
  expect(second).toContain('pay_to_view_backlog_tasks{kind="workflow"} 6')
  expect(ageOf(second, 'database')).toBeGreaterThan(ageOf(first, 'database'))
  expect(ageOf(second, 'database')).toBeGreaterThan(1.9)
  expect(ageOf(second, 'temporal')).toBeLessThan(1.9)
})

test('a source that fails keeps its values, and a source that responds again is up to date', async () => {
  const { sources, scrape } = start()
  await scrape()
  sources.openAlertCounts = async () => {
    throw new Error('The connection was refused')
  }
  expect(await scrape()).toContain('pay_to_view_alerts_open{kind="disputed"} 1')
  sources.openAlertCounts = async () => new Map([['refund_failed', 2]])
  const metrics = await scrape()
  expect(metrics).toContain('pay_to_view_alerts_open{kind="refund_failed"} 2')
  expect(metrics).not.toContain('pay_to_view_alerts_open{kind="disputed"}')
})

test('before the first read there are no values', async () => {
  const { sources, scrape } = start()
  sources.stuckCounts = () => never
  expect(await scrape()).not.toMatch(/^pay_to_view_(?:reconciled|stuck|alerts)/m)
})
