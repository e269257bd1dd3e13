import { isUnavailable } from '@pay-to-view/db'
import { isStripeError } from '@pay-to-view/stripe'
import { StripeUnavailable, TemporalUnavailable } from '@pay-to-view/workflow-client/errors'
import { TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { ApiError, type ErrorCode } from './errors.ts'

/** What tRPC itself refuses before a procedure is called. */
const refusals: Partial<Record<TRPCError['code'], ErrorCode>> = {
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
}

const fieldsOf = (error: ZodError) =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((field) => ({ field, message: 'Expected no field of this name' }))
      : [{ field: issue.path.join('.') || 'body', message: issue.message }],
  )

const ofTrpc = ({ code, cause, message }: TRPCError): ApiError => {
  // Only an input that does not fit is the caller's mistake. Any other ZodError (an answer, a row) is ours.
  if (code === 'BAD_REQUEST' && cause instanceof ZodError) return new ApiError('validation', { fields: fieldsOf(cause) })
  if (code === 'BAD_REQUEST' || code === 'PARSE_ERROR') {
    return new ApiError('validation', { field: 'input', message: `Expected what a tRPC client sends: ${message}` })
  }
  const refusal = refusals[code]
  return refusal ? new ApiError(refusal) : classify(cause)
}

/** What the caller is told of any error. What is not known is `internal`, and nothing of it leaks. */
export const classify = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error
  if (error instanceof TRPCError) return ofTrpc(error)
  if (error instanceof TemporalUnavailable) return new ApiError('temporal_unavailable')
  if (isStripeError(error) || error instanceof StripeUnavailable) return new ApiError('stripe_unavailable')
  if (isUnavailable(error)) return new ApiError('database_unavailable')
  return new ApiError('internal')
}
