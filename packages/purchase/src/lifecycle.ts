import { type AccessTerms, secondsPerDay } from './grant.ts'
import type { Projection, Status } from './project.ts'
import type { AllowedDiscount, TaxBehavior } from './totals.ts'

/** The age up to which create returns an open checkout again (a note in the integration guide). */
export const reuseWindowMs = 5 * 60 * 1000

/** The time from the checkout's creation to its expiry. Stripe's `expires_at` allows 30 minutes to 24 hours. */
export const checkoutLifetimeMs = 40 * 60 * 1000

/** The interval between two checks of a delayed payment with Stripe. */
export const processingCheckIntervalMs = secondsPerDay * 1000

/** The time from the payment to the end of the workflow, even if access continues. Most card networks allow disputes for 120 days. */
export const disputeWindowMs = 180 * secondsPerDay * 1000

/** Whether no more events are expected, so the workflow ends. A later event starts it again. A free order cannot be disputed. */
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
  /** The version of the texts that the buyer has consented to; null if there is no consent. */
  consentVersion: string | null
  /** Null if the checkout does not redirect. */
  returnUrl: string | null
}

/** An open purchase of the same user and entity. */
export interface OpenCheckout extends CheckoutTerms {
  createdAt: Date
  /** Whether a checkout that was created in the Stripe dashboard has been paid, with a payment that is processing or awaits the operator. */
  hasPendingPayment: boolean
}

/** Stripe's promotion codes are case-insensitive. */
const isSamePromotionCode = (a: string | null, b: string | null): boolean => a?.toLowerCase() === b?.toLowerCase()

/** Whether create may return the open checkout again. If not, create closes that checkout and creates a new one. */
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

/** When the workflow acts next if no event arrives, in milliseconds since the epoch, and why. */
export interface Deadline {
  at: number
  /** `checkout_expiry`, `processing_check`: fetch the state from Stripe. `dispute_window_end`: end the workflow. */
  kind: 'checkout_expiry' | 'processing_check' | 'dispute_window_end'
}

/** Returns the next deadline of a purchase; null if there is none. Times are in milliseconds since the epoch. */
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
