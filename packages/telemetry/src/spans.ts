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

// OpenTelemetry's tracer is a no-op until startTracing runs.
const tracer = trace.getTracer('pay-to-view')

export type { Span }

/** Starts the span of an incoming HTTP request, as a child of the caller's `traceparent`. */
export const startRequestSpan = (name: string, headers: object): { span: Span; spanContext: Context } => {
  const parent = propagation.extract(context.active(), headers)
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent)
  return { span, spanContext: trace.setSpan(parent, span) }
}

/** A finished HTTP call to another service. */
export interface ClientCall {
  service: string
  /** Milliseconds since the epoch. */
  startedAt: number
  durationMs: number
  /** The HTTP status; null if no response arrived. */
  status: number | null
  attributes: Attributes
}

/** Records a finished call to another service as a client span. */
export const recordClientSpan = (name: string, { service, startedAt, durationMs, status, attributes }: ClientCall): void => {
  const span = tracer.startSpan(name, {
    kind: SpanKind.CLIENT,
    startTime: startedAt,
    attributes: { 'http.response.status_code': status ?? undefined, 'peer.service': service, ...attributes },
  })
  if (status === null || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(startedAt + durationMs)
}

/** Runs an activity in its own span, as a child of the trace context in `carrier`. */
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
      // The error's message is omitted here. It is in the log, which masks secrets.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'Error' })
      throw error
    } finally {
      span.end()
    }
  })
}

/** The current trace context, serialized for another process; empty if tracing is off. */
export const traceCarrier = (): Record<string, string> => {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  return carrier
}

/** Runs `work` with this trace context active. */
export const withContext = <T>(active: Context, work: () => T): T => context.with(active, work)
