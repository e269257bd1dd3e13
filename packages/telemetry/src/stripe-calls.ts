import type { StripeCall } from '@pay-to-view/stripe'
import { Histogram, type Registry } from 'prom-client'
import type { Log } from './log.ts'
import { stripeSpan } from './spans.ts'

/** Logs, measures and traces every call to Stripe. Nothing of what was sent or answered is told but Stripe's id of the request. */
export const observeStripeCalls = (log: Log, registry: Registry): ((call: StripeCall) => void) => {
  const latency = new Histogram({
    name: 'pay_to_view_stripe_call_seconds',
    help: "Calls to Stripe by operation and HTTP status; the status is 'none' where no answer came",
    labelNames: ['operation', 'status'],
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [registry],
  })
  return (call) => {
    const { operation, status, requestId: stripeRequestId, duration } = call
    latency.observe({ operation, status: status ?? 'none' }, duration / 1_000)
    stripeSpan(call)
    const told = { operation, status, stripeRequestId, durationMs: Math.round(duration) }
    if (status === null || status === 429 || status >= 500) log.warn(told, 'stripe call')
    else log.info(told, 'stripe call')
  }
}
