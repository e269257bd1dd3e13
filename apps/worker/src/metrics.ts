import type { Reads, View } from '@pay-to-view/db'
import type { Drift } from '@pay-to-view/temporal/reconcile'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the worker counts, and what it reads from the ledger when it is asked. docs/operations.md says what each means. */
export const createMetrics = (reads: Pick<Reads, 'openAlerts' | 'stuck'>) => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const drift = new Counter({
    name: 'pay_to_view_drift_total',
    help: 'What the reconciler had to mend, because a webhook or a workflow had not',
    labelNames: ['kind'],
    registers,
  })
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
      this.reset()
      for (const [kind, count] of await reads.openAlerts()) this.set({ kind }, count)
    },
  })
  new Gauge({
    name: 'pay_to_view_stuck',
    help: 'What should have moved by now',
    labelNames: ['what'],
    registers,
    async collect() {
      const { reconciledUntil, ...counts } = await reads.stuck()
      for (const [what, count] of Object.entries(counts)) this.set({ what }, count)
      if (reconciledUntil) reconciled.set(reconciledUntil.getTime() / 1000)
    },
  })
  const reconciled = new Gauge({
    name: 'pay_to_view_reconciled_until_timestamp_seconds',
    help: "Until when Stripe's events have been compared with the ledger",
    registers,
  })
  return {
    registry,
    drift: ({ kind }: Drift): void => drift.inc({ kind }),
    moved: ({ moved: change, status, paidAt }: View): void => {
      if (change?.from !== status) moved.inc({ status })
      if (change?.access === 'given' && change.from === 'Pending' && paidAt !== null)
        access.observe(Math.max(0, Date.now() / 1000 - paidAt))
    },
  }
}
