import type { Snapshot } from '@pay-to-view/purchase'
import { disputeSnapshot, idOfReference, purchaseIdIn, refundSnapshot, sessionSnapshots } from '@pay-to-view/stripe'
import type Stripe from 'stripe'

/** What a purchase learns from an event. */
export interface ParsedEvent {
  /** The Stripe object that the event is about. */
  objectId: string
  /** Our purchase, where the object's metadata names it. */
  purchaseId: string | null
  /** The payment intent, where there is one. */
  paymentIntentId: string | null
  snapshots: Snapshot[]
  /** The event is only a hint: the purchase has to ask Stripe about the payment. */
  needsRefresh: boolean
}

/** The types of event that a webhook endpoint has to be subscribed to. */
export const eventTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
] as const satisfies Stripe.Event['type'][]

const only = (snapshot: Snapshot | null): Snapshot[] => (snapshot ? [snapshot] : [])

/** Reads an event; null for a type that says nothing about a purchase. */
export const parseEvent = (event: Stripe.Event): ParsedEvent | null => {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired': {
      const session = event.data.object
      const failed = event.type === 'checkout.session.async_payment_failed'
      return {
        objectId: session.id,
        purchaseId: purchaseIdIn(session.metadata),
        paymentIntentId: idOfReference(session.payment_intent),
        snapshots: sessionSnapshots(session, event.created, failed),
        needsRefresh: false,
      }
    }
    case 'charge.refunded': {
      // Fires for partial refunds as well and does not list the refunds: only a hint.
      const charge = event.data.object
      return {
        objectId: charge.id,
        purchaseId: null,
        paymentIntentId: idOfReference(charge.payment_intent),
        snapshots: [],
        needsRefresh: true,
      }
    }
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed': {
      const refund = event.data.object
      const snapshots = only(refundSnapshot(refund, event.created))
      return {
        objectId: refund.id,
        purchaseId: null,
        paymentIntentId: idOfReference(refund.payment_intent),
        snapshots,
        needsRefresh: true,
      }
    }
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated': {
      const dispute = event.data.object
      const snapshots = only(disputeSnapshot(dispute, event.created))
      return {
        objectId: dispute.id,
        purchaseId: null,
        paymentIntentId: idOfReference(dispute.payment_intent),
        snapshots,
        needsRefresh: true,
      }
    }
    default:
      return null
  }
}
