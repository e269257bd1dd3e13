import {
  type CorrelationIds,
  type Log,
  type Span,
  startRequestSpan,
  withContext,
  withCorrelationIds,
} from '@pay-to-view/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'

interface RequestScope {
  ids: CorrelationIds
  span: Span
  spanContext: ReturnType<typeof startRequestSpan>['spanContext']
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined if Fastify rejects the request before routing. */
    scope?: RequestScope | null
  }
}

/** These routes are polled every few seconds, so their requests are logged at debug level. */
const polledRoutes = new Set(['/healthz', '/readyz', '/metrics'])

const runInScope = ({ ids, spanContext }: RequestScope, work: () => void): void =>
  withContext(spanContext, () => withCorrelationIds(ids, work))

/** Gives every request correlation ids and a span, measures its duration by route, and logs one line when the request is complete. */
export const observeRequests = (app: FastifyInstance, log: Log, { requests }: Metrics): void => {
  app.decorateRequest('scope', null)

  app.addHook('onRequest', (request, _reply, done) => {
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`
    request.scope = { ids: { requestId: request.id }, ...startRequestSpan(name, request.headers) }
    runInScope(request.scope, done)
  })
  // The body is read in the connection's async context, so the request's context has to be restored afterward.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.scope) runInScope(request.scope, done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { scope } = request
    if (scope) runInScope(scope, () => recordResponse(request, reply.statusCode, reply.elapsedTime, scope.span))
    done()
  })

  const recordResponse = (request: FastifyRequest, status: number, durationMs: number, span: Span): void => {
    const route = request.routeOptions.url ?? 'unknown'
    const { method } = request
    requests.observe({ method, route, status }, durationMs / 1_000)
    span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status })
    span.end()
    const level = polledRoutes.has(route) ? 'debug' : 'info'
    log[level]({ method, route, status, durationMs: Math.round(durationMs) }, 'request')
  }
}
