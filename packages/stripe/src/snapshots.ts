import {
  type DisputeSnapshot,
  disputeStatuses,
  type PaymentSnapshot,
  type RefundSnapshot,
  type RefusalSnapshot,
  type SessionSnapshot,
  type Snapshot,
} from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { refundRequestKey } from './metadata.ts'

/** The id of an object that may be expanded. */
export const idOf = (reference: string | { id: string } | null): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null)

const paymentStatus = (session: Stripe.Checkout.Session, intent: Stripe.PaymentIntent): PaymentSnapshot['status'] => {
  switch (intent.status) {
    case 'succeeded':
      return 'paid'
    case 'processing':
      return 'processing'
    case 'requires_payment_method':
    case 'canceled':
      // While the checkout is open a declined card can be replaced by another; once it is complete nobody can try again.
      return session.status === 'complete' ? 'failed' : 'none'
    default:
      // requires_action, requires_confirmation, requires_capture, and what Stripe may add: nothing has been paid.
      return 'none'
  }
}

const paymentOf = (session: Stripe.Checkout.Session, observedAt: number, failed: boolean): PaymentSnapshot | null => {
  const intent = session.payment_intent
  if (intent === null) return null
  if (typeof intent !== 'string') {
    const { id, amount, currency } = intent
    return { kind: 'payment', id, status: paymentStatus(session, intent), amount, currency, observedAt }
  }
  if (typeof session.amount_total !== 'number' || typeof session.currency !== 'string' || session.status !== 'complete')
    return null
  const status = session.payment_status === 'paid' ? 'paid' : failed ? 'failed' : 'processing'
  return { kind: 'payment', id: intent, status, amount: session.amount_total, currency: session.currency, observedAt }
}

const sessionStatuses = ['open', 'expired', 'complete'] as const

/**
 * A session and its payment. `payment_status` says unpaid for a payment under way and for a failed one alike: a payment intent that is
 * expanded tells them apart, and the event `async_payment_failed` does (`failed`).
 */
export const sessionSnapshots = (session: Stripe.Checkout.Session, observedAt: number, failed = false): Snapshot[] => {
  const snapshot: SessionSnapshot = {
    kind: 'session',
    id: session.id,
    // A status that is not known here (Stripe may add some) ends nothing: the purchase asks again.
    status: sessionStatuses.find((known) => known === session.status) ?? 'open',
    payment: idOf(session.payment_intent),
    userId: session.metadata?.userId ?? null,
    entityId: session.metadata?.entityId ?? null,
    createdAt: session.created,
    observedAt,
  }
  const payment = paymentOf(session, observedAt, failed)
  return payment ? [snapshot, payment] : [snapshot]
}

const refundStatuses = ['pending', 'requires_action', 'succeeded', 'canceled', 'failed'] as const

export const refundSnapshot = (refund: Stripe.Refund, observedAt: number): RefundSnapshot | null => {
  const payment = idOf(refund.payment_intent)
  if (payment === null) return null
  // A status that is not known here (Stripe may add some) gives no money back to us: the refund stands until it is told to have failed.
  const status = refundStatuses.find((known) => known === refund.status) ?? 'pending'
  return {
    kind: 'refund',
    id: refund.id,
    payment,
    status,
    amount: refund.amount,
    createdAt: refund.created,
    requestId: refund.metadata?.[refundRequestKey] ?? null,
    observedAt,
  }
}

export const disputeSnapshot = (dispute: Stripe.Dispute, observedAt: number): DisputeSnapshot | null => {
  const payment = idOf(dispute.payment_intent)
  const status = disputeStatuses.find((known) => known === dispute.status)
  if (payment === null || status === undefined) return null
  return {
    kind: 'dispute',
    id: dispute.id,
    payment,
    status,
    amount: dispute.amount,
    refundable: dispute.is_charge_refundable,
    withdrawn: dispute.balance_transactions.reduce((sum, transaction) => sum + transaction.net, 0) < 0,
    observedAt,
  }
}

/** Stripe refused for good to make the checkout of a purchase. */
export const refusalSnapshot = (purchaseId: string, error: InstanceType<typeof Stripe.errors.StripeError>): RefusalSnapshot => {
  const answered = Date.parse(error.headers?.date ?? '')
  if (Number.isNaN(answered)) throw error
  return { kind: 'refusal', id: purchaseId, code: error.code ?? error.type, observedAt: Math.floor(answered / 1000) }
}
