import { ApiError, classify, type Problem, problemOf } from '@pay-to-view/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { rateWindow } from './rates.ts'

/** Refusals of Fastify's own, before any procedure is called. */
const refusals: Record<number, (code: string) => ApiError> = {
  400: (code) =>
    code === 'FST_ERR_BAD_URL'
      ? new ApiError('validation', { field: 'path', message: 'Expected a percent-encoded path' })
      : new ApiError('validation', { field: 'body', message: 'Expected a body as long as Content-Length says' }),
  413: () => new ApiError('payload_too_large'),
  414: () => new ApiError('validation', { field: 'path', message: 'Expected shorter parts of the path' }),
  415: () => new ApiError('unsupported_media_type'),
}

const refusalOf = (error: unknown): ApiError | undefined => {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined
  const { statusCode, code } = error
  if (typeof code !== 'string' || !code.startsWith('FST_') || typeof statusCode !== 'number') return undefined
  return refusals[statusCode]?.(code)
}

/** The caller has gone before all of the request was here: nobody hears the answer, and nothing is wrong with us. */
const isBrokenOff = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete

/** What is told of an error; one that is ours is logged. */
export const problemIn = (error: unknown, request: FastifyRequest): Problem => {
  const problem = problemOf(refusalOf(error) ?? classify(error), request.id)
  if (isBrokenOff(request)) request.log.info('request broken off')
  else if (problem.status >= 500) request.log.error({ err: error }, 'request failed')
  return problem
}

/** Answers an error as a problem (RFC 9457). */
export const tellProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = problemIn(error, request)
  reply.code(problem.status).type('application/problem+json').send(problem)
}

export const tellProblems = (app: FastifyInstance): void => {
  app.setErrorHandler(tellProblem)
  app.setNotFoundHandler(() => {
    throw new ApiError('not_found')
  })
}

/** What the status alone asks to be said, whoever answers. Sources: RFC 6750 (the challenge), RFC 9110 (Retry-After). */
export const problemHeaders = (request: FastifyRequest, status: number): Record<string, string> => {
  if (status === 503) return { 'retry-after': '2' }
  if (status === 429) return { 'retry-after': String(rateWindow) }
  if (status !== 401) return {}
  return { 'www-authenticate': request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"' }
}
