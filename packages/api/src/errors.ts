import type { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { type ErrorCode, errors } from './error-table.ts'
import { shortenForResponse } from './response-size.ts'

/** An invalid field. `message` explains what was expected and how to fix it. */
export interface FieldError {
  field: string
  message: string
}

/** Shortens a field error, because the field name may be a key that the caller chose, and the message may quote the caller's input. */
export const boundFieldError = ({ field, message }: FieldError): FieldError => ({
  field: shortenForResponse(field, 300),
  message: shortenForResponse(message, 1_000),
})

/** A response reports at most this many invalid fields. */
const maxFieldErrors = 100

/** A playback session that holds a place. Times are ISO 8601. */
interface OpenSession {
  id: string
  entityId: string
  /** The browser and operating system, for display. */
  device: string | null
  startedAt: string
  lastSeenAt: string
}

type PromotionCodeRefusal = 'unknown' | 'expired' | 'used_up' | 'not_applicable'

/** Repeats the type in packages/purchase/src/withdrawal.ts, because the published client does not include that package's types. */
type WithdrawalRefusal = 'not_offered' | 'withdrawn' | 'not_paid' | 'already_refunded' | 'disputed' | 'played' | 'too_late'

/** Additional members of some errors, for programs to read. RFC 9457 calls these extension members. */
export interface ProblemExtensions {
  /** The reason why a promotion code cannot be used, or why a buyer cannot withdraw from a purchase. */
  reason?: PromotionCodeRefusal | WithdrawalRefusal
  /** The currencies in which the product has a price. */
  currencies?: string[]
  /** The time at which the access that the user has bought starts. */
  startsAt?: string
  /**
   * The reason why a playback session has no place: no place is free, another screen took its place, or the same device has started another
   * session.
   */
  cause?: 'limit' | 'taken_over' | 'replaced'
  /** The sessions that hold the user's places. */
  sessions?: OpenSession[]
}

interface ErrorDetails {
  /** One invalid field; use `fields` for several. */
  field?: string
  message?: string
  fields?: FieldError[]
  extensions?: ProblemExtensions
  retryAfterSeconds?: number
}

/** An error that is returned to the caller. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  readonly fields: FieldError[]
  readonly extensions: ProblemExtensions
  /** The Retry-After header of the response; undefined uses the default for the status. */
  readonly retryAfterSeconds: number | undefined
  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(errors[code][2])
    this.code = code
    this.retryAfterSeconds = details.retryAfterSeconds
    this.extensions = details.extensions ?? {}
    this.fields =
      details.fields ??
      (details.field === undefined ? [] : [{ field: details.field, message: details.message ?? errors[code][3] }])
  }
}

/** The body of an error response. Source: RFC 9457. */
export interface Problem extends ProblemExtensions {
  type: string
  title: string
  status: number
  detail: string
  /** The request id, to be quoted in support requests. */
  instance: string
  code: ErrorCode
  errors: FieldError[]
}

export const toProblem = (error: ApiError, requestId: string): Problem => {
  const [status, , title, detail] = errors[error.code]
  return {
    type: `urn:pay-to-view:problem:${error.code}`,
    title,
    status,
    detail,
    instance: requestId,
    code: error.code,
    errors: error.fields.slice(0, maxFieldErrors).map(boundFieldError),
    ...error.extensions,
  }
}

type TrpcCode = (typeof errors)[ErrorCode][1]

/**
 * tRPC's error shape with the problem in `data.problem`. The type has a name, because the published declarations would repeat an unnamed
 * type for every router.
 */
export interface TrpcErrorShape {
  message: string
  code: (typeof TRPC_ERROR_CODES_BY_KEY)[TrpcCode]
  data: {
    code: TrpcCode
    /** Also the status of the response. */
    httpStatus: number
    path: string | undefined
    problem: Problem
  }
}
