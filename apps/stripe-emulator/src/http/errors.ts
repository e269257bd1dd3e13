export interface StripeErrorBody {
  type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error'
  code?: string
  message: string
  param?: string
  decline_code?: string
  doc_url?: string
  request_log_url?: string
  [more: string]: unknown
}

/**
 * An error response of Stripe's API. `executed` is false if the request was rejected before the endpoint started to execute. In that case,
 * the response is not stored under the idempotency key (Stripe's page "Idempotent requests").
 */
export class StripeError extends Error {
  readonly status: number
  readonly body: StripeErrorBody
  readonly executed: boolean

  constructor(status: number, body: StripeErrorBody, executed = true) {
    super(body.message)
    this.status = status
    this.body = body.code ? { ...body, doc_url: `https://docs.stripe.com/error-codes/${body.code.replaceAll('_', '-')}` } : body
    this.executed = executed
  }
}

/**
 * An error response that does not roll back changes, such as the failed charge of a declined card. An endpoint returns this error instead
 * of throwing it.
 */
export class CommittedError {
  readonly error: StripeError
  constructor(error: StripeError) {
    this.error = error
  }
}

/** Returns the error for invalid parameters. The request has not been executed. */
export const invalidParam = (message: string, more: Partial<StripeErrorBody> = {}): StripeError =>
  new StripeError(400, { type: 'invalid_request_error', message, ...more }, false)

/**
 * Returns the error for a request that Stripe accepts but the emulator does not support. The message says so, so that callers do not look
 * for a mistake in their request.
 */
export const notSupported = (what: string, param?: string): StripeError =>
  invalidParam(`${what} is not supported by the emulator.`, param === undefined ? {} : { param })

/** Returns the error for a request with valid parameters that the current state does not allow. */
export const rejected = (message: string, more: Partial<StripeErrorBody> = {}, status = 400): StripeError =>
  new StripeError(status, { type: 'invalid_request_error', message, ...more })

export const resourceMissing = (kind: string, id: string, param = 'id', status = 404): StripeError =>
  rejected(`No such ${kind}: '${id}'`, { code: 'resource_missing', param }, status)
