import { hasUnnamedObjects, type Snapshot } from '@pay-to-view/purchase'
import { disputeSnapshot, idOfReference, purchaseIdIn, refundSnapshot, sessionSnapshots, siteIn } from '@pay-to-view/stripe'
import type Stripe from 'stripe'

/** The data that an event contains about a purchase. */
export interface ParsedEvent {
  /** The id of the Stripe object that the event is about. */
  objectId: string
  /** The id of our purchase, where the object's metadata names one. */
  purchaseId: string | null
  /** The site in the same metadata, where several share one Stripe account. */
  site: string | null
  paymentIntentId: string | null
  snapshots: Snapshot[]
  /** The event may be incomplete, so the purchase fetches its payment, or its checkouts where the event names no payment, from Stripe. */
  needsRefresh: boolean
}

const orEmpty = (snapshot: Snapshot | null): Snapshot[] => (snapshot ? [snapshot] : [])

/** `paymentFailed` tells a delayed payment that failed from one that is processing: the session's `payment_status` is unpaid for both. */
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
