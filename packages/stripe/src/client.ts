import Stripe from 'stripe'
import { observedHttpClient, type StripeCall } from './calls.ts'

/** The version whose shapes this code reads: webhook endpoints are made with it too. */
export const stripeApiVersion = '2026-10-28.endive'

export interface StripeOptions {
  secretKey: string
  /** A server that speaks Stripe's API, such as the emulator; Stripe itself when not given. */
  apiBase?: string
  /** Milliseconds a request may take before it counts as lost. */
  timeout?: number
  /** Tries after the first, on connection errors, 409, 5xx and what Stripe's header says (stripe-node's rules), with the same idempotency key. */
  retries?: number
  /** Told of every request and its answer. */
  onCall?: (call: StripeCall) => void
}

export const createStripe = ({ secretKey, apiBase, timeout = 10_000, retries = 2, onCall }: StripeOptions): Stripe => {
  const base = apiBase === undefined ? null : new URL(apiBase)
  return new Stripe(secretKey, {
    apiVersion: stripeApiVersion,
    timeout,
    maxNetworkRetries: retries,
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
 * Whether Stripe has refused for good: the same request would be refused again. Lost connections, 5xx, rate limits and a key in use
 * (409) are not definite: the request may be, or may have been, carried out.
 * Source: Stripe's "Advanced error handling".
 */
export const isDefiniteRejection = (error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> =>
  error instanceof Stripe.errors.StripeError &&
  error.statusCode !== undefined &&
  error.statusCode >= 400 &&
  error.statusCode < 500 &&
  // 401 and 403 tell of our configuration, 424 of somebody behind Stripe, not of this request.
  ![401, 403, 409, 424, 429].includes(error.statusCode)

/** Whether Stripe does not know what was asked about. */
export const isMissing = (error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> =>
  isDefiniteRejection(error) && error.code === 'resource_missing'

/** Whether a checkout was refused because Stripe does not know its customer any more. */
export const isMissingCustomer = (error: unknown): boolean => isMissing(error) && error.param === 'customer'

/** Whether an error comes from Stripe, or from not reaching it. */
export const isStripeError = (error: unknown): boolean => error instanceof Stripe.errors.StripeError

/** Whether a key moves real money. */
export const isLivemode = (secretKey: string): boolean => /^(sk|rk)_live_/.test(secretKey)
