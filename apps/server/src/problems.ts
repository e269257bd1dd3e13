import { ApiError, type Problem, toApiError, toProblem } from '@pay-to-view/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { routingErrorOf } from './malformed-requests.ts'
import { rateWindowSeconds } from './rate-limiter.ts'

/** The problems for Fastify's own errors, by status. These errors occur before a procedure is called. */
const fastifyErrors: Record<number, (code: string) => ApiError> = {
  400: (code) =>
    code === 'FST_ERR_BAD_URL'
      ? new ApiError('validation', { field: 'path', message: 'Expected a percent-encoded path' })
      : new ApiError('validation', { field: 'body', message: 'Expected a body of the length given in Content-Length' }),
  413: () => new ApiError('payload_too_large'),
  415: () => new ApiError('unsupported_media_type'),
}

const fromFastifyError = (error: unknown): ApiError | undefined => {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined
  const { statusCode, code } = error
  if (typeof code !== 'string' || !code.startsWith('FST_') || typeof statusCode !== 'number') return undefined
  return fastifyErrors[statusCode]?.(code)
}

/** True if the client disconnected before its request was complete, which is not a server error. */
const isAborted = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete

/**
 * True for an error that is logged where it is thrown, at most once a minute. It occurs for every user who plays an entity whose playback
 * provider has no keys.
 */
const isLoggedElsewhere = ({ code }: Problem): boolean => code === 'playback_provider_not_configured'

/** Maps an error to its problem, and logs it if the server caused it. */
export const describeError = (error: unknown, request: FastifyRequest): Problem => {
  const problem = toProblem(fromFastifyError(error) ?? toApiError(error), request.id)
  if (isAborted(request)) request.log.info('request aborted')
  else if (problem.status >= 500 && !isLoggedElsewhere(problem)) request.log.error({ err: error }, 'request failed')
  return problem
}

/** Sends an error as a problem (RFC 9457). */
export const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = describeError(error, request)
  const { retryAfterSeconds } = toApiError(error)
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  reply.code(problem.status).type('application/problem+json').header('cache-control', 'no-store').send(problem)
}

export const handleErrors = (app: FastifyInstance): void => {
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request) => {
    throw routingErrorOf(request) ?? new ApiError('not_found')
  })
}

/**
 * The response headers that depend on the status, for REST and tRPC: WWW-Authenticate (RFC 6750) and Retry-After (RFC 9110). A Retry-After
 * header that an error has set takes precedence.
 */
export const problemHeaders = (request: FastifyRequest, status: number): Record<string, string> => {
  if (status === 503) return { 'retry-after': '2' }
  if (status === 429) return { 'retry-after': String(rateWindowSeconds) }
  if (status !== 401) return {}
  return { 'www-authenticate': request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"' }
}
