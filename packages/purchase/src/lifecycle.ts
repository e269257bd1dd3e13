import { type AccessTerms, secondsPerDay } from './grant.ts'
import type { Projection, Status } from './project.ts'
import type { AllowedDiscount, TaxBehavior } from './totals.ts'

/** The maximum age at which `purchases.create` returns an open checkout again, as noted in the integration guide. */
export const reuseWindowMs = 5 * 60 * 1000

/** The time from a checkout's creation to its expiry. For `expires_at`, Stripe allows 30 minutes to 24 hours. */
export const checkoutLifetimeMs = 40 * 60 * 1000

/** The interval at which the state of a delayed payment is fetched from Stripe. */
export const processingCheckIntervalMs = secondsPerDay * 1000

/** The time from the payment to the end of the workflow, even if access continues. Most card networks allow disputes for 120 days. */
export const disputeWindowMs = 180 * secondsPerDay * 1000

/**
 * Whether no more events are expected, so the workflow can end. A later event starts the workflow again. A completed free order is final,
 * because it cannot be disputed.
 */
export const isFinal = ({ status, settlement }: Pick<Projection, 'status' | 'settlement'>): boolean =>
  isFinalStatus(status) || (status === 'Completed' && settlement?.kind === 'free_order')

const isFinalStatus = (status: Status): boolean =>
  status === 'Expired' || status === 'Failed' || status === 'Refunded' || status === 'ChargedBack'

export interface CheckoutTerms extends AccessTerms {
  productId: string
  amount: number
  currency: string
  isRenewal: boolean
  allowedDiscount: AllowedDiscount['kind']
  /** The promotion code that was chosen when the purchase was created. */
  promotionCode: string | null
  taxBehavior: TaxBehavior | null
  /** The version of the texts to which the buyer has consented; null if there is no consent. */
  consentVersion: string | null
  /** Null if the purchase was imported. */
  returnUrl: string | null
}

/** The user's open purchase of the same entity. */
export interface OpenCheckout extends CheckoutTerms {
  createdAt: Date
  /**
   * Whether the purchase already has a payment that is processing or is waiting for the operator's decision, from a checkout that was
   * created in the Stripe dashboard.
   */
  hasPendingPayment: boolean
}

/** Stripe's promotion codes are case-insensitive. */
const isSamePromotionCode = (a: string | null, b: string | null): boolean => a?.toLowerCase() === b?.toLowerCase()

/** Whether `purchases.create` may return the open checkout again. If not, `purchases.create` closes that checkout and creates a new one. */
export const isReusable = (open: OpenCheckout, requested: CheckoutTerms, now: Date): boolean =>
  now.getTime() - open.createdAt.getTime() < reuseWindowMs &&
  !open.hasPendingPayment &&
  open.productId === requested.productId &&
  open.amount === requested.amount &&
  open.currency === requested.currency &&
  open.accessDurationDays === requested.accessDurationDays &&
  open.rental?.startWithinDays === requested.rental?.startWithinDays &&
  open.rental?.watchWithinHours === requested.rental?.watchWithinHours &&
  open.isRenewal === requested.isRenewal &&
  open.allowedDiscount === requested.allowedDiscount &&
  isSamePromotionCode(open.promotionCode, requested.promotionCode) &&
  open.taxBehavior === requested.taxBehavior &&
  open.consentVersion === requested.consentVersion &&
  open.returnUrl === requested.returnUrl

/** The time at which the workflow acts if no event arrives, in milliseconds since the epoch, and the kind of action. */
export interface Deadline {
  at: number
  /**
   * At `checkout_expiry` and `processing_check`, the workflow fetches the state from Stripe. At `dispute_window_end`, the workflow ends.
   */
  kind: 'checkout_expiry' | 'processing_check' | 'dispute_window_end'
}

/** Returns a purchase's next deadline, or null if there is none. Times are in milliseconds since the epoch. */
export const nextDeadline = (
  projection: Pick<Projection, 'paidAt' | 'status'>,
  { checkoutDeadline, lastRefreshedAt }: { checkoutDeadline: number; lastRefreshedAt: number | null },
): Deadline | null => {
  if (projection.paidAt !== null) return { at: projection.paidAt * 1000 + disputeWindowMs, kind: 'dispute_window_end' }
  if (isFinalStatus(projection.status)) return null
  if (lastRefreshedAt !== null && lastRefreshedAt >= checkoutDeadline) {
    return { at: lastRefreshedAt + processingCheckIntervalMs, kind: 'processing_check' }
  }
  return { at: checkoutDeadline, kind: 'checkout_expiry' }
}
