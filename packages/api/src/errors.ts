import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'

/**
 * Every error that the API tells: its HTTP status, its tRPC code, its title and what to do. The codes are part of the contract.
 * Source of the form: RFC 9457 (problem details).
 */
export const errors = {
  validation: [400, 'BAD_REQUEST', 'The request is not valid', 'Mend the fields that `errors` names.'],
  return_url_not_allowed: [
    400,
    'BAD_REQUEST',
    'The return URL is not allowed',
    'Use an http(s) address in ASCII on an origin that this server is configured to return to (RETURN_URL_ORIGINS).',
  ],
  product_not_offered: [400, 'BAD_REQUEST', 'The product is not offered for this entity', 'Ask for the products of the entity.'],
  amount_too_large: [
    400,
    'BAD_REQUEST',
    'The amount is larger than what is left to refund',
    'Leave it out to refund all that is left.',
  ],
  unauthorized: [401, 'UNAUTHORIZED', 'A valid bearer token is needed', 'Send `Authorization: Bearer <token>`.'],
  forbidden: [403, 'FORBIDDEN', 'An admin token is needed', 'Use a token with the claim `admin: true`.'],
  no_access: [403, 'FORBIDDEN', 'The user has no access to this entity', 'A purchase of it, or of its channel, gives access.'],
  not_found: [404, 'NOT_FOUND', 'There is nothing at this address', '/openapi.json lists every path.'],
  purchase_not_found: [404, 'NOT_FOUND', 'There is no such purchase', 'Use a purchaseId that create or the history gave you.'],
  product_not_found: [404, 'NOT_FOUND', 'There is no such product', 'GET /client/v1/pay-to-view/products lists them.'],
  entity_not_found: [404, 'NOT_FOUND', 'There is no such entity', 'Use an entityId of the catalogue.'],
  alert_not_found: [
    404,
    'NOT_FOUND',
    'There is no such alert, or it is resolved',
    'admin.alerts.list lists those that are open.',
  ],
  method_not_allowed: [405, 'METHOD_NOT_SUPPORTED', 'This address takes another method', 'The header Allow names it.'],
  request_timeout: [408, 'TIMEOUT', 'The request did not arrive in time', 'Send it again, whole.'],
  product_not_on_sale: [409, 'CONFLICT', 'The product has been withdrawn', 'Offer the viewer another product.'],
  not_paid: [
    409,
    'CONFLICT',
    'No payment of this purchase is known',
    'There is nothing to refund. Of a payment that is minutes old we may hear yet: then try again.',
  ],
  already_refunded: [409, 'CONFLICT', 'The purchase has been refunded already', 'Nothing is left to refund.'],
  charged_back: [409, 'CONFLICT', 'The payment was charged back', 'The money went back with the dispute.'],
  disputed: [409, 'CONFLICT', 'The payment is disputed and Stripe does not let it be refunded', 'Answer the dispute at Stripe.'],
  refund_failed: [
    409,
    'CONFLICT',
    'Stripe took the refund and it failed',
    'Look at the payment in the Stripe dashboard, then try again.',
  ],
  nothing_to_accept: [409, 'CONFLICT', 'The payment is what was quoted, or there is none', 'There is nothing to accept.'],
  refund_refused: [409, 'CONFLICT', 'Stripe refused the refund', 'Look at the payment in the Stripe dashboard.'],
  idempotency_conflict: [409, 'CONFLICT', 'The idempotency key was used for another refund', 'Use a new key for a new refund.'],
  payload_too_large: [413, 'PAYLOAD_TOO_LARGE', 'The body is too large', 'Send less.'],
  unsupported_media_type: [415, 'UNSUPPORTED_MEDIA_TYPE', 'The body is not JSON', 'Send `Content-Type: application/json`.'],
  headers_too_large: [431, 'BAD_REQUEST', 'The headers are too large', 'Send fewer or shorter headers, 16 kB at most.'],
  rate_limited: [429, 'TOO_MANY_REQUESTS', 'Too many calls', 'Wait as many seconds as Retry-After says.'],
  too_many_streams: [
    429,
    'TOO_MANY_REQUESTS',
    'Too many event streams are open',
    'Close one, or ask GET /client/v1/pay-to-view/access now and then.',
  ],
  internal: [500, 'INTERNAL_SERVER_ERROR', 'Something went wrong here', 'Try again; tell us `instance` if it stays.'],
  playback_not_configured: [
    501,
    'NOT_IMPLEMENTED',
    'This server gives no playback tokens',
    'Its operator has to set PLAYBACK_KEYS (docs/integration.md).',
  ],
  overloaded: [
    503,
    'SERVICE_UNAVAILABLE',
    'The server has more to do than it can',
    'Try again in a moment: nothing of this call was done.',
  ],
  auth_unavailable: [
    503,
    'SERVICE_UNAVAILABLE',
    "The issuer's keys cannot be read",
    'Try again in a moment: the token was not looked at.',
  ],
  webhook_not_processed: [
    503,
    'SERVICE_UNAVAILABLE',
    'The event could not be processed now',
    'Send it again later, as Stripe does by itself: nothing is done twice.',
  ],
  checkout_refused: [
    409,
    'CONFLICT',
    'Stripe makes no checkout for this product',
    'Trying again does not help: the operator has been told what Stripe refused, such as a price that it does not take in this currency.',
  ],
  checkout_unavailable: [503, 'SERVICE_UNAVAILABLE', 'No checkout could be made', 'Try again in a moment.'],
  stripe_unavailable: [503, 'SERVICE_UNAVAILABLE', 'Stripe does not answer', 'Try again in a moment: nothing is charged twice.'],
  temporal_unavailable: [
    503,
    'SERVICE_UNAVAILABLE',
    'The workflow does not answer',
    'Temporal, its worker or Stripe is away. Try again in a moment: nothing is lost.',
  ],
  refund_unconfirmed: [
    504,
    'GATEWAY_TIMEOUT',
    'The refund may be under way: its answer did not come',
    'Send it again with the idempotency key that `errors` names: it is carried out once. Without that key it is another refund.',
  ],
  database_unavailable: [503, 'SERVICE_UNAVAILABLE', 'The database does not answer', 'Try again in a moment: nothing is lost.'],
} as const satisfies Record<string, readonly [number, TRPC_ERROR_CODE_KEY, string, string]>

export type ErrorCode = keyof typeof errors

/** What is wrong with one field: `message` says what was expected and how to mend it. */
export interface FieldError {
  field: string
  message: string
}

/** An error that the caller is told. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  readonly fields: FieldError[]
  constructor(code: ErrorCode, about: { field?: string; message?: string; fields?: FieldError[] } = {}) {
    super(errors[code][2])
    this.code = code
    this.fields =
      about.fields ?? (about.field === undefined ? [] : [{ field: about.field, message: about.message ?? errors[code][3] }])
  }
}

/** An error as it is told: RFC 9457. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** The id of the request, to be named when asking for help. */
  instance: string
  code: ErrorCode
  errors: FieldError[]
}

export const problemOf = (error: ApiError, requestId: string): Problem => {
  const [status, , title, detail] = errors[error.code]
  return {
    type: `urn:pay-to-view:problem:${error.code}`,
    title,
    status,
    detail,
    instance: requestId,
    code: error.code,
    errors: error.fields,
  }
}
