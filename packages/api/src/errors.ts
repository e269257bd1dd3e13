import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'
import { shortenForResponse } from './response-size.ts'

/**
 * Every error of the API: HTTP status, tRPC code, title, and how to fix it. The codes are part of the contract.
 * Source: RFC 9457 (problem details).
 */
export const errors = {
  validation: [400, 'BAD_REQUEST', 'The request is invalid', 'Fix the fields listed in `errors`.'],
  return_url_not_allowed: [
    400,
    'BAD_REQUEST',
    'The return URL is not allowed',
    'Use an http(s) URL in ASCII on an origin that the server allows (RETURN_URL_ORIGINS).',
  ],
  product_not_offered: [
    400,
    'BAD_REQUEST',
    'The product is not offered for this entity',
    'Use a product that is on sale for the entity.',
  ],
  currency_not_offered: [
    400,
    'BAD_REQUEST',
    'The product has no price in this currency',
    'Use one of the currencies listed in `errors`, or omit `currency` for the default.',
  ],
  promotion_code_invalid: [
    400,
    'BAD_REQUEST',
    'The promotion code cannot be used',
    '`errors` says why. Use another code, or none.',
  ],
  amount_too_large: [
    400,
    'BAD_REQUEST',
    'The amount exceeds the remaining amount',
    'Use a smaller amount, or omit it to refund the remaining amount.',
  ],
  unauthorized: [401, 'UNAUTHORIZED', 'A valid bearer token is required', 'Send `Authorization: Bearer <token>`.'],
  forbidden: [403, 'FORBIDDEN', 'An admin token is required', 'Use a token with the claim `admin: true`.'],
  admin_token_required: [
    403,
    'FORBIDDEN',
    'An API key cannot be used here',
    "Use an admin's token, with the claim `admin: true`.",
  ],
  user_token_required: [
    403,
    'FORBIDDEN',
    'An API key cannot act as a user',
    "Use the user's token. A backend reads the access of any user with GET /admin/v1/pay-to-view/users/{userId}/access.",
  ],
  scope_missing: [403, 'FORBIDDEN', 'The API key lacks a scope', 'Create a key that has the scope given in `errors`.'],
  no_access: [
    403,
    'FORBIDDEN',
    'The user has no access to this entity',
    'A purchase of the entity or a container that includes it gives access.',
  ],
  not_started: [403, 'FORBIDDEN', 'The access has not started yet', 'Wait until `startsAt`.'],
  not_found: [404, 'NOT_FOUND', 'Path not found', '/openapi.json lists every path.'],
  purchase_not_found: [404, 'NOT_FOUND', 'Purchase not found', 'Use a purchaseId from create or from the purchase history.'],
  product_not_found: [404, 'NOT_FOUND', 'Product not found', 'GET /client/v1/pay-to-view/products lists the products.'],
  entity_not_found: [404, 'NOT_FOUND', 'Entity not found', 'Use an entityId from the catalog.'],
  grant_not_found: [404, 'NOT_FOUND', 'Grant not found', 'GET /admin/v1/pay-to-view/grants lists the grants.'],
  cancellation_not_found: [404, 'NOT_FOUND', 'The entity was not canceled', 'POST to the same path cancels it.'],
  extension_not_found: [
    404,
    'NOT_FOUND',
    'Extension not found',
    'Use the `location` that POST /admin/v1/pay-to-view/entities/{id}/extend returned.',
  ],
  api_key_not_found: [404, 'NOT_FOUND', 'API key not found', 'GET /admin/v1/pay-to-view/api-keys lists the keys.'],
  alert_not_found: [
    404,
    'NOT_FOUND',
    'Alert not found, or already resolved',
    'GET /admin/v1/pay-to-view/alerts lists the open alerts.',
  ],
  webhook_endpoint_not_found: [
    404,
    'NOT_FOUND',
    'Webhook endpoint not found',
    'GET /admin/v1/pay-to-view/webhook-endpoints lists the endpoints.',
  ],
  webhook_message_not_found: [
    404,
    'NOT_FOUND',
    'Webhook message not found',
    'Use a messageId from the deliveries of the endpoint, or the header webhook-id. Old messages are deleted.',
  ],
  method_not_allowed: [405, 'METHOD_NOT_SUPPORTED', 'Method not allowed', 'Use a method listed in the Allow header.'],
  request_timeout: [408, 'TIMEOUT', 'The request did not arrive in time', 'Send the complete request again.'],
  product_not_on_sale: [409, 'CONFLICT', 'The product is not on sale', 'Offer the user another product.'],
  not_supported_yet: [
    409,
    'CONFLICT',
    'The product or the entity uses a feature that is not supported yet',
    'Remove the field that `errors` names from the product or the entity.',
  ],
  refund_instead: [
    409,
    'CONFLICT',
    'The grant belongs to a purchase',
    'Refund the purchase: POST /admin/v1/pay-to-view/purchases/{id}/refund. That revokes its access.',
  ],
  grant_revoked: [409, 'CONFLICT', 'The grant was revoked', 'Grant new access: POST /admin/v1/pay-to-view/grants.'],
  entity_in_use: [
    409,
    'CONFLICT',
    'The entity, or a container that includes it, was sold or granted',
    'It keeps its type and cannot be deleted. Archive it: set its status to archived.',
  ],
  not_paid: [
    409,
    'CONFLICT',
    'The purchase has no payment',
    'There is nothing to refund. A payment made a few minutes ago may not be recorded yet: try again later.',
  ],
  already_refunded: [409, 'CONFLICT', 'The purchase is already refunded', 'Nothing is left to refund.'],
  charged_back: [409, 'CONFLICT', 'The payment was charged back', 'The dispute has already returned the money.'],
  disputed: [
    409,
    'CONFLICT',
    'The payment is disputed, and Stripe does not allow a refund',
    'Respond to the dispute in the Stripe dashboard.',
  ],
  refund_failed: [
    409,
    'CONFLICT',
    'Stripe accepted the refund, but it failed',
    'Check the payment in the Stripe dashboard, then try again.',
  ],
  nothing_to_accept: [
    409,
    'CONFLICT',
    'There is no payment to accept',
    'Only a payment that does not match its quote can be accepted.',
  ],
  dispute_open: [
    409,
    'CONFLICT',
    'The dispute of the alert is still open',
    'The alert closes automatically with the dispute. To resolve it anyway, set `confirmOpenDispute: true`.',
  ],
  webhook_endpoint_disabled: [
    409,
    'CONFLICT',
    'The webhook endpoint is disabled',
    'Enable it with PATCH { "enabled": true } first. It then gets what was waiting for it.',
  ],
  refund_refused: [409, 'CONFLICT', 'Stripe rejected the refund', 'Check the payment in the Stripe dashboard.'],
  idempotency_conflict: [
    409,
    'CONFLICT',
    'The idempotency key was already used for another request',
    'Use a new key for a new request.',
  ],
  payload_too_large: [413, 'PAYLOAD_TOO_LARGE', 'The body is too large', 'Send a smaller body.'],
  unsupported_media_type: [415, 'UNSUPPORTED_MEDIA_TYPE', 'The body is not JSON', 'Send `Content-Type: application/json`.'],
  headers_too_large: [431, 'BAD_REQUEST', 'The headers are too large', 'Send at most 16 kB of headers.'],
  rate_limited: [429, 'TOO_MANY_REQUESTS', 'Too many requests', 'Wait for the number of seconds in Retry-After.'],
  too_many_connections: [
    429,
    'TOO_MANY_REQUESTS',
    'The user has too many open event streams',
    'Close one, or poll GET /client/v1/pay-to-view/access.',
  ],
  internal: [500, 'INTERNAL_SERVER_ERROR', 'Something went wrong', 'Try again. If the error persists, quote `instance`.'],
  playback_not_configured: [
    501,
    'NOT_IMPLEMENTED',
    'This server does not issue playback tokens',
    'The operator must set PLAYBACK_KEYS (docs/integration.md).',
  ],
  webhooks_not_configured: [
    501,
    'NOT_IMPLEMENTED',
    'This server does not send webhooks',
    'The operator must set WEBHOOKS_ENCRYPTION_KEYS (docs/webhooks.md).',
  ],
  overloaded: [503, 'SERVICE_UNAVAILABLE', 'The server is overloaded', 'Try again in a moment: the call was not executed.'],
  auth_unavailable: [
    503,
    'SERVICE_UNAVAILABLE',
    "The token issuer's keys are unavailable",
    'Try again in a moment: the token was not checked.',
  ],
  webhook_not_processed: [
    503,
    'SERVICE_UNAVAILABLE',
    'The event could not be processed',
    'Send it again later, as Stripe does automatically. Repeating an event is safe.',
  ],
  checkout_refused: [
    409,
    'CONFLICT',
    'Stripe rejected the checkout of this product',
    "Retrying does not help. The operator's alert has the reason, such as an amount below Stripe's minimum or a missing tax origin.",
  ],
  checkout_unavailable: [503, 'SERVICE_UNAVAILABLE', 'The checkout could not be created', 'Try again in a moment.'],
  stripe_unavailable: [503, 'SERVICE_UNAVAILABLE', 'Stripe is unavailable', 'Try again in a moment. Retrying is safe.'],
  temporal_unavailable: [
    503,
    'SERVICE_UNAVAILABLE',
    'The workflow did not respond',
    'Temporal, its worker or Stripe is unavailable. Try again in a moment. Retrying is safe.',
  ],
  refund_unconfirmed: [
    504,
    'GATEWAY_TIMEOUT',
    'The outcome of the refund is unknown',
    'Retry with the idempotency key given in `errors`: the refund is made only once. Without that key it would be a second refund.',
  ],
  acceptance_unconfirmed: [
    504,
    'GATEWAY_TIMEOUT',
    'It is unknown whether the payment was accepted',
    'It may have been accepted. Check the purchase, and try again if it was not: accepting twice has no further effect.',
  ],
  database_unavailable: [503, 'SERVICE_UNAVAILABLE', 'The database is unavailable', 'Try again in a moment. Retrying is safe.'],
} as const satisfies Record<string, readonly [number, TRPC_ERROR_CODE_KEY, string, string]>

export type ErrorCode = keyof typeof errors

/** An invalid field. `message` says what was expected and how to fix it. */
export interface FieldError {
  field: string
  message: string
}

/** The name of a field may be a key that the caller has chosen, and a message may quote the caller. */
export const boundFieldError = ({ field, message }: FieldError): FieldError => ({
  field: shortenForResponse(field, 300),
  message: shortenForResponse(message, 1_000),
})

/** A caller who sends thousands of invalid fields is told about the first. */
const maxFieldErrors = 100

/** Additional members of some errors, for programs to read. RFC 9457 calls these extension members. */
export interface ProblemExtensions {
  /** Why a promotion code cannot be used. */
  reason?: 'unknown' | 'expired' | 'used_up' | 'not_applicable'
  /** The currencies in which the product has a price. */
  currencies?: string[]
  /** When access that the user has bought starts. */
  startsAt?: string
}

interface ErrorDetails {
  /** One invalid field; `fields` gives several. */
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
  /** The Retry-After of the response; undefined: the default of its status. */
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
