import type { Reads } from '@pay-to-view/db'
import { withTimeout } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { Gauge, type Registry } from 'prom-client'

export interface StateGaugeDeps {
  reads: Pick<Reads, 'openAlertCounts' | 'stuckCounts' | 'outboxState'>
  backlog: PurchaseClient['backlog']
}

/** How long a scrape waits for Postgres and Temporal. Prometheus itself times out after 10 seconds. */
const readTimeoutMs = 1_000

/**
 * Reads a source on each scrape, one read at a time. If a read fails or takes too long, the gauges keep the last known values, and another
 * gauge shows the age of these values.
 */
const createSource = (read: () => Promise<void>) => {
  // The age of a source that has never been read is counted from the start of the process.
  let readAt = performance.now()
  let pending: Promise<void> | undefined
  const startRead = (): Promise<void> =>
    read()
      .then(() => {
        readAt = performance.now()
      })
      .catch(() => undefined)
      .finally(() => {
        pending = undefined
      })
  return {
    refresh: async (): Promise<void> => {
      pending ??= startRead()
      await withTimeout(readTimeoutMs, pending, () => new Error('The source did not respond in time')).catch(() => undefined)
    },
    ageSeconds: () => (performance.now() - readAt) / 1_000,
  }
}

/** Registers gauges for the state of Postgres and Temporal. The returned function refreshes the gauges within about a second. */
export const registerStateGauges = (registry: Registry, { reads, backlog }: StateGaugeDeps): (() => Promise<void>) => {
  const registers = [registry]
  const byKind = (name: string, help: string): Gauge<'kind'> => new Gauge({ name, help, labelNames: ['kind'], registers })
  const openAlerts = byKind('pay_to_view_alerts_open', 'Unresolved alerts by kind')
  const stuckItems = byKind('pay_to_view_stuck_items', 'Purchases, events and refund requests that are overdue, by kind')
  const backlogTasks = byKind('pay_to_view_backlog_tasks', 'Workflow and activity tasks waiting for a worker')
  const backlogAge = byKind('pay_to_view_backlog_age_seconds', 'Age of the oldest task waiting for a worker')
  const webhookMessages = byKind(
    'pay_to_view_webhook_messages',
    'Undelivered messages to webhook endpoints: undispatched, pending (first attempt) or failing (retried)',
  )
  const outboxAge = new Gauge({
    name: 'pay_to_view_outbox_age_seconds',
    help: 'Age of the oldest message that the relay has not dispatched to the endpoints',
    registers,
  })
  const reconciledUntilGauge = new Gauge({
    name: 'pay_to_view_reconciled_until_timestamp_seconds',
    help: "Time up to which Stripe's events have been compared with the event ledger",
    registers,
  })
  // This gauge has no value until the time is known. With the value 0, the alerting rule ReconcilerStopped would fire until a new worker has
  // read the database.
  reconciledUntilGauge.remove()
  const sources = {
    database: createSource(async () => {
      const [alertCounts, { reconciledUntil, ...counts }, { oldestSeconds, ...messages }] = await Promise.all([
        reads.openAlertCounts(),
        reads.stuckCounts(),
        reads.outboxState(),
      ])
      for (const [kind, count] of Object.entries(messages)) webhookMessages.set({ kind }, count)
      outboxAge.set(oldestSeconds)
      openAlerts.reset()
      for (const [kind, count] of alertCounts) openAlerts.set({ kind }, count)
      for (const [kind, count] of Object.entries(counts)) stuckItems.set({ kind }, count)
      reconciledUntilGauge.set((reconciledUntil?.getTime() ?? 0) / 1000)
    }),
    temporal: createSource(async () => {
      const queues = await backlog()
      for (const { kind, tasks, oldestSeconds } of queues) {
        backlogTasks.set({ kind }, tasks)
        backlogAge.set({ kind }, oldestSeconds)
      }
    }),
  }
  new Gauge({
    name: 'pay_to_view_state_age_seconds',
    help: 'Age of the gauges that are read from the database or Temporal; it grows while the source is unavailable',
    labelNames: ['source'],
    registers,
    collect() {
      for (const [source, { ageSeconds }] of Object.entries(sources)) this.set({ source }, ageSeconds())
    },
  })
  return async () => {
    await Promise.all(Object.values(sources).map(({ refresh }) => refresh()))
  }
}
