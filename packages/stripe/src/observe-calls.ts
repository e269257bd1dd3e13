import { type Log, recordClientSpan } from '@pay-to-view/telemetry'
import { Histogram, type Registry } from 'prom-client'
import type { StripeCall } from './http-client.ts'

/** Returns a listener that logs, measures and traces every call to Stripe. Request and response bodies are never included. */
export const observeStripeCalls = (log: Log, registry: Registry): ((call: StripeCall) => void) => {
  const latency = new Histogram({
    name: 'pay_to_view_stripe_call_seconds',
    help: "Duration of calls to Stripe by operation and HTTP status; status is 'none' when no response arrived",
    labelNames: ['operation', 'status'],
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [registry],
  })
  return ({ operation, status, requestId: stripeRequestId, startedAt, durationMs }) => {
    latency.observe({ operation, status: status ?? 'none' }, durationMs / 1_000)
    recordClientSpan(`Stripe ${operation}`, {
      service: 'stripe',
      startedAt,
      durationMs,
      status,
      attributes: { 'stripe.request_id': stripeRequestId ?? undefined },
    })
    const fields = { operation, status, stripeRequestId, durationMs: Math.round(durationMs) }
    if (status === null || status === 429 || status >= 500) log.warn(fields, 'stripe call')
    else log.info(fields, 'stripe call')
  }
}
