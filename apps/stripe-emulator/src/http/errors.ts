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
 * What Stripe answers when it refuses. `executed` is false when it refused before the endpoint began: such an answer is not kept
 * under an idempotency key (Stripe's page "Idempotent requests").
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

/** The request makes no sense: nothing was executed. */
export const invalidParam = (message: string, more: Partial<StripeErrorBody> = {}): StripeError =>
  new StripeError(400, { type: 'invalid_request_error', message, ...more }, false)

/** The request makes sense but cannot be done now. */
export const refused = (message: string, more: Partial<StripeErrorBody> = {}, status = 400): StripeError =>
  new StripeError(status, { type: 'invalid_request_error', message, ...more })

export const missing = (kind: string, id: string, param = 'id', status = 404): StripeError =>
  refused(`No such ${kind}: '${id}'`, { code: 'resource_missing', param }, status)
