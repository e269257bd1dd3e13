import { type Drift, driftKinds } from '@pay-to-view/ingestion'
import { registerPoolMetrics } from '@pay-to-view/telemetry'
import type { WebhookAttempt } from '@pay-to-view/temporal/webhook-worker'
import type { ActivityAttempt } from '@pay-to-view/temporal/worker'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { registerStateGauges, type StateGaugeDeps } from './state-gauges.ts'

export interface MetricsDeps extends StateGaugeDeps {
  poolUsage: () => { busy: number; idle: number; waiting: number }
}

/** The metrics of the worker. docs/operations.md describes them. */
export const createMetrics = ({ poolUsage, ...state }: MetricsDeps) => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registerPoolMetrics(registry, poolUsage)
  const refreshState = registerStateGauges(registry, state)
  const drift = new Counter({
    name: 'pay_to_view_drift_total',
    help: 'Drift that the reconciler repaired, by kind',
    labelNames: ['kind'],
    registers,
  })
  // Every series starts at 0, because Prometheus sees no increase in a series that starts at 1. Otherwise, an alerting rule would miss the
  // first drift of a kind.
  for (const kind of driftKinds) drift.inc({ kind }, 0)
  const statusChanges = new Counter({
    name: 'pay_to_view_purchase_status_changes_total',
    help: 'Status changes of purchases, by new status',
    labelNames: ['status'],
    registers,
  })
  const paymentToAccess = new Histogram({
    name: 'pay_to_view_payment_to_access_seconds',
    help: 'Time from a payment (in whole seconds, as in Stripe) to access',
    buckets: [1, 2, 3, 5, 10, 30, 60, 300, 3_600, 86_400],
    registers,
  })
  const activityAttempts = new Histogram({
    name: 'pay_to_view_activity_seconds',
    help: 'Duration of activity attempts, by outcome',
    labelNames: ['activity', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers,
  })
  const webhookAttempts = new Histogram({
    name: 'pay_to_view_webhook_attempt_seconds',
    help: 'Duration of requests to webhook endpoints, by outcome',
    labelNames: ['outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers,
  })
  const webhookLatency = new Histogram({
    name: 'pay_to_view_webhook_latency_seconds',
    help: 'Time from a change to the delivery of its message, for messages that arrived on the first attempt',
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 60, 600],
    registers,
  })
  const emails = new Counter({
    name: 'pay_to_view_emails_total',
    help: 'Attempts to send an e-mail, by outcome: succeeded, failing (will be retried) or failed (not sent)',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['succeeded', 'failing', 'failed']) emails.inc({ outcome }, 0)
  return {
    registry,
    /** Returns the metrics in Prometheus's text format. */
    scrape: async (): Promise<{ contentType: string; body: string }> => {
      await refreshState()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
    recordActivityAttempt: ({ activity, outcome, durationMs }: ActivityAttempt): void =>
      activityAttempts.observe({ activity, outcome }, durationMs / 1_000),
    recordWebhookAttempt: ({ kind, outcome, durationMs, latencyMs }: WebhookAttempt): void => {
      if (kind === 'email') {
        emails.inc({ outcome })
        return
      }
      webhookAttempts.observe({ outcome }, durationMs / 1_000)
      if (latencyMs !== null) webhookLatency.observe(Math.max(0, latencyMs) / 1_000)
    },
    recordDrift: ({ kind }: Drift): void => drift.inc({ kind }),
    recordPurchaseChange: ({ change, status, paidAt }: PurchaseView): void => {
      if (change?.from !== status) statusChanges.inc({ status })
      if (change?.access === 'granted' && change.from === 'Pending' && paidAt !== null)
        paymentToAccess.observe(Math.max(0, Date.now() / 1000 - paidAt))
    },
  }
}
