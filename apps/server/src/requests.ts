import { type Ids, type Log, requestSpan, type Span, withContext, within } from '@pay-to-view/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'

type Open = { ids: Ids; span: Span; inTrace: ReturnType<typeof requestSpan>['within'] }

/** Asked for by machines every few seconds: their lines would bury the others. */
const quiet = new Set(['/healthz', '/readyz', '/metrics'])

/** Every request runs under its ids and in a span, is measured by its route, and leaves one line in the log when it has been answered. */
export const watchRequests = (app: FastifyInstance, log: Log, { requests }: Metrics): void => {
  const open = new WeakMap<FastifyRequest, Open>()
  const under = ({ ids, inTrace }: Open, work: () => void): void => withContext(inTrace, () => within(ids, work))

  app.addHook('onRequest', (request, _reply, done) => {
    const { span, within: inTrace } = requestSpan(`${request.method} ${request.routeOptions.url ?? 'unknown'}`, request.headers)
    const opened = { ids: { requestId: request.id }, span, inTrace }
    open.set(request, opened)
    under(opened, done)
  })
  // The body is read under the connection's own context: what comes after it is under the request's again.
  app.addHook('preValidation', (request, _reply, done) => {
    const opened = open.get(request)
    if (opened) under(opened, done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const opened = open.get(request)
    if (opened) under(opened, () => ended(request, reply.statusCode, reply.elapsedTime, opened.span))
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
