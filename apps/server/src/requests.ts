import { type CorrelationIds, type Log, requestSpan, type Span, withContext, withCorrelationIds } from '@pay-to-view/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'

interface Underway {
  ids: CorrelationIds
  span: Span
  inTrace: ReturnType<typeof requestSpan>['within']
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What it runs under. None where Fastify refuses it before it knows a route. */
    underway?: Underway | null
  }
}

/** Asked for by machines every few seconds: their lines would bury the others. */
const quiet = new Set(['/healthz', '/readyz', '/metrics'])

/** Every request runs under its ids and in a span, is measured by its route, and leaves one line in the log when it has been answered. */
export const watchRequests = (app: FastifyInstance, log: Log, { requests }: Metrics): void => {
  app.decorateRequest('underway', null)
  const under = ({ ids, inTrace }: Underway, work: () => void): void => withContext(inTrace, () => withCorrelationIds(ids, work))

  app.addHook('onRequest', (request, _reply, done) => {
    const { span, within: inTrace } = requestSpan(`${request.method} ${request.routeOptions.url ?? 'unknown'}`, request.headers)
    request.underway = { ids: { requestId: request.id }, span, inTrace }
    under(request.underway, done)
  })
  // The body is read under the connection's own context: what comes after it is under the request's again.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.underway) under(request.underway, done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { underway } = request
    if (underway) under(underway, () => ended(request, reply.statusCode, reply.elapsedTime, underway.span))
    done()
  })

  const ended = (request: FastifyRequest, status: number, duration: number, span: Span): void => {
    const route = request.routeOptions.url ?? 'unknown'
    const { method } = request
    requests.observe({ method, route, status }, duration / 1_000)
    span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status })
    span.end()
    log[quiet.has(route) ? 'debug' : 'info']({ method, route, status, durationMs: Math.round(duration) }, 'request')
  }
}
