import { type Projection, type Status, secondsPerDay } from './project.ts'

/** Milliseconds. A younger attempt with an open checkout is given out again (the integration guide's note). */
export const reuseWindowMs = 5 * 60 * 1000

/** Milliseconds from creation to the end of the checkout, sent to Stripe as `expires_at`, which takes 30 minutes to 24 hours. */
export const checkoutLifetimeMs = 40 * 60 * 1000

/** Milliseconds between two questions to Stripe about a delayed payment. */
export const processingCheckIntervalMs = secondsPerDay * 1000

/** Milliseconds after the payment at which a purchase's workflow ends although access may go on: most card schemes allow disputes for 120 days. */
export const disputeWindowMs = 180 * secondsPerDay * 1000

/** A status that ends the workflow. A later event starts it again. */
export const isFinal = (status: Status): boolean =>
  status === 'Expired' || status === 'Failed' || status === 'Refunded' || status === 'ChargedBack'

/** What a checkout sells, and where it leads: null where it leads nowhere. */
export interface CheckoutTerms {
  productId: string
  amount: number
  currency: string
  accessDurationDays: number | null
  returnUrl: string | null
}

/** An earlier attempt that is still open, as far as the rules need it. */
export interface OpenCheckout extends CheckoutTerms {
  createdAt: Date
  /** Money has come by another checkout, made by hand: it is under way, or waits for the operator. */
  settling: boolean
}

/** Whether an open attempt may be given out again for what is asked for now; otherwise its checkout is closed and a new one made. */
export const isReusable = (attempt: OpenCheckout, wanted: CheckoutTerms, now: Date): boolean =>
  now.getTime() - attempt.createdAt.getTime() < reuseWindowMs &&
  !attempt.settling &&
  attempt.productId === wanted.productId &&
  attempt.amount === wanted.amount &&
  attempt.currency === wanted.currency &&
  attempt.accessDurationDays === wanted.accessDurationDays &&
  attempt.returnUrl === wanted.returnUrl

/**
 * When to ask Stripe about a purchase of which nothing is heard: milliseconds since the epoch, or null for never.
 * Open: at the checkout's end. Money under way: a day after the last question. Paid: when its watch ends.
 */
export const nextDeadline = (
  projection: Pick<Projection, 'paidAt' | 'status'>,
  times: { checkoutDeadline: number; lastAsked: number | null },
): { at: number; kind: 'checkout' | 'payment' | 'watch' } | null => {
  if (projection.paidAt !== null) return { at: projection.paidAt * 1000 + disputeWindowMs, kind: 'watch' }
  if (isFinal(projection.status)) return null
  if (times.lastAsked !== null && times.lastAsked >= times.checkoutDeadline) {
    return { at: times.lastAsked + processingCheckIntervalMs, kind: 'payment' }
  }
  return { at: times.checkoutDeadline, kind: 'checkout' }
}
