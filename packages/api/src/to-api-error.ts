import { isUnavailable } from '@pay-to-view/db'
import { isStripeError } from '@pay-to-view/stripe'
import { StripeUnavailable, TemporalUnavailable, UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import { TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import type { ErrorCode } from './error-table.ts'
import { ApiError, type FieldError } from './errors.ts'

/** Errors that tRPC itself throws before it calls a procedure. */
const codesOfTrpc: Partial<Record<TRPCError['code'], ErrorCode>> = {
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
}

type Issue = ZodError['issues'][number]

/** Whether the input has another type than the schema expects. */
const isOtherType = ({ code, path }: Issue): boolean => code === 'invalid_type' && path.length === 0

/** The issues of the only option of a union whose type is the input's; null if there are none or several such options. */
const issuesOfUnion = (issue: Issue): Issue[] | null => {
  if (issue.code !== 'invalid_union') return null
  const [issues, ...others] = issue.errors.filter((option) => !option.some(isOtherType))
  if (!issues || others.length > 0) return null
  return issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

const errorsOfIssue = (issue: Issue): FieldError[] => {
  const inner = issuesOfUnion(issue)
  if (inner) return inner.flatMap(errorsOfIssue)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join('.'),
      message: 'Unknown field. Check its spelling, or remove it',
    }))
  const isWholeInput = issue.code === 'invalid_type' && issue.path.length === 0
  return [{ field: issue.path.join('.') || 'body', message: isWholeInput ? `Expected an ${issue.expected}` : issue.message }]
}

/** The invalid fields, each once, with the expected value. */
export const fieldErrors = (error: ZodError): FieldError[] => {
  const errors = new Map<string, FieldError>()
  for (const one of error.issues.flatMap(errorsOfIssue)) if (!errors.has(one.field)) errors.set(one.field, one)
  return [...errors.values()]
}

const fromTrpcError = ({ code, cause, message }: TRPCError): ApiError => {
  // Only an invalid input is the caller's mistake. Any other ZodError, such as an invalid output or database row, is a bug on our side.
  if (code === 'BAD_REQUEST' && cause instanceof ZodError) return new ApiError('validation', { fields: fieldErrors(cause) })
  if (code === 'BAD_REQUEST' || code === 'PARSE_ERROR') {
    return new ApiError('validation', { field: 'input', message: `Expected a request from a tRPC client: ${message}` })
  }
  const known = codesOfTrpc[code]
  return known ? new ApiError(known) : toApiError(cause)
}

/** Maps any error to the error that the caller receives. An unknown error becomes `internal` without details. */
export const toApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error
  if (error instanceof TRPCError) return fromTrpcError(error)
  if (error instanceof TemporalUnavailable || error instanceof UpdateUnconfirmed) return new ApiError('temporal_unavailable')
  if (isStripeError(error) || error instanceof StripeUnavailable) return new ApiError('stripe_unavailable')
  if (isUnavailable(error)) return new ApiError('database_unavailable')
  return new ApiError('internal')
}
