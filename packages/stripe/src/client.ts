import Stripe from 'stripe'
import type { CheckoutRequest } from './checkout-request.ts'
import { observedHttpClient, type StripeCall } from './http-client.ts'

/** The API version of all requests and webhook endpoints. */
export const stripeApiVersion = '2026-10-28.endive'

export interface StripeOptions {
  secretKey: string
  /** The base URL of a server that implements Stripe's API, such as the emulator. Default: Stripe itself. */
  apiBase?: string
  timeoutMs?: number
  /**
   * The number of retries after connection errors, 409 and 5xx responses, and when a header of Stripe's response requests a retry
   * (stripe-node's rules). Retries use the same idempotency key.
   */
  maxRetries?: number
  /** Called after every HTTP request. */
  onCall?: (call: StripeCall) => void
}

export const createStripe = ({ secretKey, apiBase, timeoutMs = 10_000, maxRetries = 2, onCall }: StripeOptions): Stripe => {
  const base = apiBase === undefined ? null : new URL(apiBase)
  return new Stripe(secretKey, {
    apiVersion: stripeApiVersion,
    timeout: timeoutMs,
    maxNetworkRetries: maxRetries,
    telemetry: false,
    appInfo: { name: 'pay-to-view' },
    ...(onCall && { httpClient: observedHttpClient(onCall) }),
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === 'https:' ? '443' : '80'),
      protocol: base.protocol === 'https:' ? ('https' as const) : ('http' as const),
    }),
  })
}

/**
 * Whether Stripe would reject the same request again. Lost connections, 5xx, rate limits and an idempotency key in use (409) are not
 * definite rejections, because the request may have been carried out or may still be running. Source: Stripe's "Advanced error handling".
 */
export const isDefiniteRejection = (error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> =>
  error instanceof Stripe.errors.StripeError &&
  error.statusCode !== undefined &&
  error.statusCode >= 400 &&
  error.statusCode < 500 &&
  // 401 and 403 are about our configuration, and 424 is about a third party behind Stripe, so Stripe may accept the same request later.
  ![401, 403, 409, 424, 429].includes(error.statusCode)

/** Whether Stripe does not know the object. */
export const isMissing = (error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> =>
  isDefiniteRejection(error) && error.code === 'resource_missing'

/** Whether a checkout was rejected because Stripe no longer knows its customer. */
export const isMissingCustomer = (error: unknown): boolean => isMissing(error) && error.param === 'customer'

/**
 * Whether a checkout was rejected because of its promotion code: it has expired or been used up since the lookup, it does not apply to this
 * customer, amount or currency, or it leaves an amount below Stripe's minimum.
 */
export const isPromotionCodeRejection = (error: unknown, { discounts }: Pick<CheckoutRequest, 'discounts'>): boolean =>
  isDefiniteRejection(error) &&
  discounts !== undefined &&
  (error.param?.startsWith('discounts') === true || error.code === 'amount_too_small')

/** Whether an error is Stripe's response or a failed connection to Stripe. */
export const isStripeError = (error: unknown): boolean => error instanceof Stripe.errors.StripeError

/** Whether a secret key is for live mode, in which real money moves. */
export const isLivemode = (secretKey: string): boolean => /^(sk|rk)_live_/.test(secretKey)
