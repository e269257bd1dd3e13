import { hasUnnamedObjects, type Snapshot } from '@pay-to-view/purchase'
import { disputeSnapshot, idOfReference, purchaseIdIn, refundSnapshot, sessionSnapshots, siteIn } from '@pay-to-view/stripe'
import type Stripe from 'stripe'

/** The data that an event contains about a purchase. */
export interface ParsedEvent {
  /** The id of the Stripe object that the event is about. */
  objectId: string
  /** The id of our purchase, if the object's metadata names one. */
  purchaseId: string | null
  /** The site in the same metadata, if several sites share one Stripe account. */
  site: string | null
  paymentIntentId: string | null
  snapshots: Snapshot[]
  /**
   * True if the event may be incomplete. The purchase then fetches its payment from Stripe, or its checkouts if the event names no payment.
   */
  needsRefresh: boolean
}

const orEmpty = (snapshot: Snapshot | null): Snapshot[] => (snapshot ? [snapshot] : [])

/**
 * `paymentFailed` distinguishes a failed delayed payment from a payment that is still processing, because the session's `payment_status` is
 * unpaid in both cases.
 */
export const parseSession = (
  session: Stripe.Checkout.Session,
  observedAt: number,
  { paymentFailed = false } = {},
): ParsedEvent => {
  const snapshots = sessionSnapshots(session, observedAt, { paymentFailed })
  return {
    objectId: session.id,
    purchaseId: purchaseIdIn(session.metadata),
    site: siteIn(session.metadata),
    paymentIntentId: idOfReference(session.payment_intent),
    snapshots,
    needsRefresh: snapshots.some((snapshot) => snapshot.kind === 'session' && hasUnnamedObjects(snapshot)),
  }
}

export const parseRefund = (refund: Stripe.Refund, observedAt: number): ParsedEvent => ({
  objectId: refund.id,
  purchaseId: null,
  site: null,
  paymentIntentId: idOfReference(refund.payment_intent),
  snapshots: orEmpty(refundSnapshot(refund, observedAt)),
  needsRefresh: true,
})

export const parseDispute = (dispute: Stripe.Dispute, observedAt: number): ParsedEvent => ({
  objectId: dispute.id,
  purchaseId: null,
  site: null,
  paymentIntentId: idOfReference(dispute.payment_intent),
  snapshots: orEmpty(disputeSnapshot(dispute, observedAt)),
  needsRefresh: true,
})
