import type { Reads } from '@pay-to-view/db'
import { type Drift, driftKinds } from '@pay-to-view/ingestion'
import { registerPoolMetrics } from '@pay-to-view/telemetry'
import type { ActivityAttempt } from '@pay-to-view/temporal/worker'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricsDeps {
  reads: Pick<Reads, 'openAlerts' | 'stuck'>
  poolUse: () => { busy: number; idle: number; waiting: number }
  backlog: PurchaseClient['backlog']
}

/** Reads a gauge anew; without values while what it reads from is away: the other metrics matter then most of all. */
const refreshGauges = async (gauges: { reset(): void }[], read: () => Promise<void>): Promise<void> => {
  for (const gauge of gauges) gauge.reset()
  await read().catch(() => undefined)
}

/** What the worker counts, and what it reads from the ledger when it is asked. docs/operations.md says what each means. */
export const createMetrics = ({ reads, poolUse, backlog }: MetricsDeps) => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registerPoolMetrics(registry, poolUse)
  const drift = new Counter({
    name: 'pay_to_view_drift_total',
    help: 'What the reconciler had to mend, because a webhook or a workflow had not',
    labelNames: ['kind'],
    registers,
  })
  // Prometheus sees no increase in a series that begins at 1: an alert would miss the first.
  for (const kind of driftKinds) drift.inc({ kind }, 0)
  const moved = new Counter({
    name: 'pay_to_view_purchases_total',
    help: 'Purchases by the status that they came to',
    labelNames: ['status'],
    registers,
  })
  const access = new Histogram({
    name: 'pay_to_view_payment_to_access_seconds',
    help: "From the payment, on Stripe's clock of whole seconds, to the access",
    buckets: [1, 2, 3, 5, 10, 30, 60, 300, 3_600, 86_400],
    registers,
  })
  new Gauge({
    name: 'pay_to_view_alerts_open',
    help: 'Alerts that nobody has dealt with',
    labelNames: ['kind'],
    registers,
    async collect() {
      await refreshGauges([this], async () => {
        for (const [kind, count] of await reads.openAlerts()) this.set({ kind }, count)
      })
    },
  })
  new Gauge({
    name: 'pay_to_view_stuck',
    help: 'What should have moved by now',
    labelNames: ['what'],
    registers,
    async collect() {
      await refreshGauges([this], async () => {
        const { reconciledUntil, ...counts } = await reads.stuck()
        for (const [what, count] of Object.entries(counts)) this.set({ what }, count)
        if (reconciledUntil) reconciled.set(reconciledUntil.getTime() / 1000)
      })
    },
  })
  const reconciled = new Gauge({
    name: 'pay_to_view_reconciled_until_timestamp_seconds',
    help: "Until when Stripe's events have been compared with the ledger",
    registers,
  })
  const steps = new Histogram({
    name: 'pay_to_view_activity_seconds',
    help: 'Tries of activities by how they ended',
    labelNames: ['activity', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers,
  })
  const oldest = new Gauge({
    name: 'pay_to_view_backlog_age_seconds',
    help: 'How long the oldest task has waited for a worker',
    labelNames: ['kind'],
    registers,
  })
  new Gauge({
    name: 'pay_to_view_backlog_tasks',
    help: 'Tasks of workflows and activities that wait for a worker',
    labelNames: ['kind'],
    registers,
    async collect() {
      await refreshGauges([this, oldest], async () => {
        for (const { kind, tasks, oldestSeconds: age } of await backlog()) {
          this.set({ kind }, tasks)
          oldest.set({ kind }, age)
        }
      })
    },
  })
  return {
    registry,
    step: ({ activity, outcome, durationMs: duration }: ActivityAttempt): void => steps.observe({ activity, outcome }, duration / 1_000),
    drift: ({ kind }: Drift): void => drift.inc({ kind }),
    moved: ({ change, status, paidAt }: PurchaseView): void => {
      if (change?.from !== status) moved.inc({ status })
      if (change?.access === 'granted' && change.from === 'Pending' && paidAt !== null)
        access.observe(Math.max(0, Date.now() / 1000 - paidAt))
    },
  }
}
