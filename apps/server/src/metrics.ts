import type { IngestResult } from '@pay-to-view/ingestion'
import { registerPoolMetrics } from '@pay-to-view/telemetry'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export interface MetricsDeps {
  poolUsage: () => { busy: number; idle: number; waiting: number }
}

/** Outcomes of ingestion. A `rejected` webhook has no valid signature or contains no event. Stripe sends a `failed` webhook again. */
const outcomes = [
  'dispatched',
  'duplicate',
  'ignored',
  'foreign',
  'orphan',
  'deferred',
  'rejected',
  'failed',
] as const satisfies (IngestResult | 'rejected' | 'failed')[]

/** The metrics of the server. docs/operations.md describes them. */
export const createMetrics = ({ poolUsage }: MetricsDeps) => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registerPoolMetrics(registry, poolUsage)
  const webhooks = new Counter({
    name: 'pay_to_view_webhooks_total',
    help: 'Webhooks from Stripe by outcome',
    labelNames: ['outcome'],
    registers,
  })
  // Every series starts at 0, because Prometheus sees no increase in a series that starts at 1. Otherwise, an alerting rule would miss the
  // first webhook with a given outcome.
  for (const outcome of outcomes) webhooks.inc({ outcome }, 0)
  const webhookLag = new Histogram({
    name: 'pay_to_view_webhook_lag_seconds',
    help: 'Time from the creation of an event in Stripe (in whole seconds) to its webhook',
    buckets: [1, 2, 5, 10, 30, 60, 300, 3_600, 86_400],
    registers,
  })
  const requests = new Histogram({
    name: 'pay_to_view_http_request_seconds',
    help: 'Duration of HTTP requests by route and status; an event stream is recorded when it ends',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    registers,
  })
  const keysFetches = new Counter({
    name: 'pay_to_view_jwks_fetches_total',
    help: "Fetches of the identity provider's keys, by outcome",
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['ok', 'failed']) keysFetches.inc({ outcome }, 0)
  return { registry, webhooks, webhookLag, requests, keysFetches }
}

export type Metrics = ReturnType<typeof createMetrics>
