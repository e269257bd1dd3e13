import type { Reads } from '@pay-to-view/db'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { Gauge, type Registry } from 'prom-client'

export interface StateGaugeDeps {
  reads: Pick<Reads, 'openAlertCounts' | 'stuckCounts'>
  backlog: PurchaseClient['backlog']
}

/** Refreshes gauges on a scrape. If their source is unavailable they have no values, and the other metrics are still served. */
const refreshGauges = async (gauges: { reset(): void }[], read: () => Promise<void>): Promise<void> => {
  for (const gauge of gauges) gauge.reset()
  await read().catch(() => undefined)
}

/** Registers gauges that read the state of Postgres and Temporal on each scrape. */
export const registerStateGauges = (registry: Registry, { reads, backlog }: StateGaugeDeps): void => {
  const registers = [registry]
  new Gauge({
    name: 'pay_to_view_alerts_open',
    help: 'Unresolved alerts by kind',
    labelNames: ['kind'],
    registers,
    async collect() {
      await refreshGauges([this], async () => {
        for (const [kind, count] of await reads.openAlertCounts()) this.set({ kind }, count)
      })
    },
  })
  const reconciledUntilGauge = new Gauge({
    name: 'pay_to_view_reconciled_until_timestamp_seconds',
    help: "Until when Stripe's events have been compared with the event ledger",
    registers,
  })
  new Gauge({
    name: 'pay_to_view_stuck_items',
    help: 'Purchases, events and refund requests that are overdue, by kind',
    labelNames: ['kind'],
    registers,
    async collect() {
      await refreshGauges([this], async () => {
        const { reconciledUntil, ...counts } = await reads.stuckCounts()
        for (const [kind, count] of Object.entries(counts)) this.set({ kind }, count)
        if (reconciledUntil) reconciledUntilGauge.set(reconciledUntil.getTime() / 1000)
      })
    },
  })
  const backlogAge = new Gauge({
    name: 'pay_to_view_backlog_age_seconds',
    help: 'Age of the oldest task that waits for a worker',
    labelNames: ['kind'],
    registers,
  })
  new Gauge({
    name: 'pay_to_view_backlog_tasks',
    help: 'Workflow and activity tasks that wait for a worker',
    labelNames: ['kind'],
    registers,
    async collect() {
      await refreshGauges([this, backlogAge], async () => {
        for (const { kind, tasks, oldestSeconds } of await backlog()) {
          this.set({ kind }, tasks)
          backlogAge.set({ kind }, oldestSeconds)
        }
      })
    },
  })
}
