import type { IngestResult } from '@pay-to-view/ingestion'
import { registerPoolMetrics } from '@pay-to-view/telemetry'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export interface MetricsDeps {
  poolUse: () => { busy: number; idle: number; waiting: number }
}

/** Results of ingestion; `rejected` webhooks have no valid signature, `failed` ones are sent again by Stripe. */
const outcomes = ['dispatched', 'duplicate', 'ignored', 'foreign', 'orphan', 'rejected', 'failed'] as const satisfies (
  | IngestResult
  | 'rejected'
  | 'failed'
)[]

/** What the server counts. docs/operations.md says what each means. */
export const createMetrics = ({ poolUse }: MetricsDeps) => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registerPoolMetrics(registry, poolUse)
  const webhooks = new Counter({
    name: 'pay_to_view_webhooks_total',
    help: "Stripe's events by what became of them",
    labelNames: ['outcome'],
    registers,
  })
  // Prometheus sees no increase in a series that begins at 1: an alert would miss the first.
  for (const outcome of outcomes) webhooks.inc({ outcome }, 0)
  const webhookLag = new Histogram({
    name: 'pay_to_view_webhook_lag_seconds',
    help: "From the event, on Stripe's clock of whole seconds, to its webhook here",
    buckets: [1, 2, 5, 10, 30, 60, 300, 3_600, 86_400],
    registers,
  })
  const requests = new Histogram({
    name: 'pay_to_view_http_request_seconds',
    help: 'HTTP requests by route and status; an event stream counts when it has ended',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    registers,
  })
  return { registry, webhooks, webhookLag, requests }
}

export type Metrics = ReturnType<typeof createMetrics>
