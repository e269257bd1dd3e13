import {
  type DisputeSnapshot,
  disputeStatuses,
  type PaymentSnapshot,
  type RefundSnapshot,
  type RejectionSnapshot,
  type SessionSnapshot,
  type Snapshot,
} from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { refundRequestKey } from './metadata.ts'

/** The id of an object that may be expanded. */
export const idOfReference = (reference: string | { id: string } | null): string | null =>
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
    const { id, currency } = intent
    const status = paymentStatus(session, intent)
    // One that was authorized can be captured in part.
    const amount = (status === 'paid' && intent.amount_received) || intent.amount
    return { kind: 'payment', id, status, amount, currency, observedAt }
  }
  if (typeof session.amount_total !== 'number' || typeof session.currency !== 'string' || session.status !== 'complete')
    return null
  const status = session.payment_status === 'paid' ? 'paid' : failed ? 'failed' : 'processing'
  return { kind: 'payment', id: intent, status, amount: session.amount_total, currency: session.currency, observedAt }
}

/** A session in mode payment whose coupon left nothing to pay is complete without a payment intent, and `no_payment_required`. */
const paysByIntent = ({ mode, status, payment_intent: intent, payment_status: said }: Stripe.Checkout.Session): boolean =>
  mode !== 'subscription' && mode !== 'setup' && (status !== 'complete' || intent !== null || said === 'unpaid')

const sessionStatuses = ['open', 'expired', 'complete'] as const

/**
 * A session and its payment. `payment_status` says unpaid for a payment under way and for a failed one alike: a payment intent that is
 * expanded tells them apart, and the event `async_payment_failed` does (`failed`).
 */
export const sessionSnapshots = (session: Stripe.Checkout.Session, observedAt: number, { paymentFailed = false } = {}): Snapshot[] => {
  const snapshot: SessionSnapshot = {
    kind: 'session',
    id: session.id,
    // A status that is not known here (Stripe may add some) ends nothing: the purchase asks again.
    status: sessionStatuses.find((known) => known === session.status) ?? 'open',
    paymentIntentId: idOfReference(session.payment_intent),
    hasPaymentIntent: paysByIntent(session),
    userId: session.metadata?.userId ?? null,
    entityId: session.metadata?.entityId ?? null,
    createdAt: session.created,
    observedAt,
  }
  const payment = paymentOf(session, observedAt, paymentFailed)
  return payment ? [snapshot, payment] : [snapshot]
}

const refundStatuses = ['pending', 'requires_action', 'succeeded', 'canceled', 'failed'] as const

export const refundSnapshot = (refund: Stripe.Refund, observedAt: number): RefundSnapshot | null => {
  const payment = idOfReference(refund.payment_intent)
  if (payment === null) return null
  // A status that is not known here (Stripe may add some) gives no money back to us: the refund stands until it is told to have failed.
  const status = refundStatuses.find((known) => known === refund.status) ?? 'pending'
  return {
    kind: 'refund',
    id: refund.id,
    paymentIntentId: payment,
    status,
    amount: refund.amount,
    createdAt: refund.created,
    requestId: refund.metadata?.[refundRequestKey] ?? null,
    observedAt,
  }
}

export const disputeSnapshot = (dispute: Stripe.Dispute, observedAt: number): DisputeSnapshot | null => {
  const payment = idOfReference(dispute.payment_intent)
  const status = disputeStatuses.find((known) => known === dispute.status)
  if (payment === null || status === undefined) return null
  return {
    kind: 'dispute',
    id: dispute.id,
    paymentIntentId: payment,
    status,
    amount: dispute.amount,
    refundable: dispute.is_charge_refundable,
    withdrawn: dispute.balance_transactions.reduce((sum, transaction) => sum + transaction.net, 0) < 0,
    observedAt,
  }
}

type StripeError = InstanceType<typeof Stripe.errors.StripeError>

/** Seconds since the epoch on Stripe's clock at which it refused. */
const refusedAt = (error: StripeError): number => {
  const answered = Date.parse(error.headers?.date ?? '')
  if (Number.isNaN(answered)) throw error
  return Math.floor(answered / 1000)
}

/** Stripe refused for good to make the checkout of a purchase. */
export const rejectionSnapshot = (purchaseId: string, error: StripeError): RejectionSnapshot => ({
  ...{ kind: 'refusal', id: purchaseId },
  ...{ code: error.code ?? error.type, observedAt: refusedAt(error) },
})

/** Stripe does not know a session: it is not this account's, or test data was deleted. */
export const missingSessionSnapshot = (id: string, error: StripeError): SessionSnapshot => ({
  ...{ kind: 'session', id, status: 'gone', paymentIntentId: null, hasPaymentIntent: true, userId: null, entityId: null },
  ...{ createdAt: 0, observedAt: refusedAt(error) },
})
