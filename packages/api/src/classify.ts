import { isUnavailable } from '@pay-to-view/db'
import { isStripeError } from '@pay-to-view/stripe'
import { TemporalUnavailable } from '@pay-to-view/temporal/client'
import { TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { ApiError, type ErrorCode } from './errors.ts'

const byTrpcCode: Partial<Record<TRPCError['code'], ErrorCode>> = {
  BAD_REQUEST: 'validation',
  PARSE_ERROR: 'validation',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
}

/** What the caller is told of any error. What is not known is `internal`, and nothing of it leaks. */
export const classify = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error
  if (error instanceof ZodError) {
    const fields = error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', message: issue.message }))
    return new ApiError('validation', { fields })
  }
  if (error instanceof TRPCError) {
    const inner = error.cause === undefined ? null : classify(error.cause)
    if (inner && inner.code !== 'internal') return inner
    return new ApiError(byTrpcCode[error.code] ?? 'internal')
  }
  if (error instanceof TemporalUnavailable) return new ApiError('temporal_unavailable')
  if (isStripeError(error)) return new ApiError('stripe_unavailable')
  if (isUnavailable(error)) return new ApiError('database_unavailable')
  return new ApiError('internal')
}
