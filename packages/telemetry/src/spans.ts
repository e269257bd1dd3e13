import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { StripeCall } from '@pay-to-view/stripe'

// Without startTracing all of this is OpenTelemetry's own no-op.
const tracer = trace.getTracer('pay-to-view')

export type { Span }

/** A span of an HTTP request, under the trace that the caller names in `traceparent`. */
export const requestSpan = (name: string, headers: object): { span: Span; within: Context } => {
  const parent = propagation.extract(context.active(), headers)
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent)
  return { span, within: trace.setSpan(parent, span) }
}

/** A span of a call to Stripe that is over. */
export const stripeSpan = ({ operation, status, requestId, startedAt, duration }: StripeCall): void => {
  const attributes = {
    'http.response.status_code': status ?? undefined,
    'stripe.request_id': requestId ?? undefined,
    'peer.service': 'stripe',
  }
  const span = tracer.startSpan(`Stripe ${operation}`, { kind: SpanKind.CLIENT, startTime: startedAt, attributes })
  if (status === null || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(startedAt + duration)
}

/** Runs a step of a workflow in a span of its own, under the trace that `carrier` names. */
export const withActivitySpan = async <T>(
  name: string,
  carrier: object,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> => {
  const parent = propagation.extract(context.active(), carrier)
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, attributes }, parent, async (span) => {
    try {
      return await work()
    } catch (error) {
      // Only that it failed: what errors say belongs to the log, which masks secrets.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'Error' })
      throw error
    } finally {
      span.end()
    }
  })
}

/** What another process needs to go on with the trace of the work under way; empty where nothing is traced. */
export const traceCarrier = (): Record<string, string> => {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  return carrier
}

/** Runs work under a context. */
export const withContext = <T>(active: Context, work: () => T): T => context.with(active, work)
