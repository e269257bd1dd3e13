import type { IncomingMessage } from 'node:http'
import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const routingErrors = new WeakMap<IncomingMessage, unknown>()

/** Returns the error that prevented Fastify from routing a request, such as invalid percent-encoding in the path. */
export const routingErrorOf = ({ raw }: FastifyRequest): unknown => routingErrors.get(raw)

/**
 * Handles Fastify's `frameworkErrors`, for which Fastify runs no hooks. The request is routed again, to a path without a route, where the
 * original error is thrown. The response then gets the same headers, log line and metrics as any other response.
 */
export const routeAgain = (error: unknown, { raw }: FastifyRequest, { raw: response, server }: FastifyReply): void => {
  routingErrors.set(raw, error)
  raw.url = '/'
  server.routing(raw, response)
}

/** Rejects requests to unknown paths, and requests that Node would otherwise reject without our response headers. */
export const answerMalformedRequests = (app: FastifyInstance): void => {
  // An expectation other than 100-continue may be ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.addHook('onRequest', async (request) => {
    const { headers, raw } = request
    // Checked here rather than in the not-found handler, so that the body is never read.
    if (request.is404) throw routingErrorOf(request) ?? new ApiError('not_found')
    if (headers.host === undefined && raw.httpVersion === '1.1') {
      throw new ApiError('validation', { field: 'Host', message: 'Expected a Host header, which HTTP/1.1 requires' })
    }
  })
}
