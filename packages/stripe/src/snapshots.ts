import {
  type AppliedDiscount,
  type DisputeSnapshot,
  disputeStatuses,
  type FreeOrderSnapshot,
  type InvoiceReference,
  isPseudonym,
  type PaymentSnapshot,
  type RefundSnapshot,
  type RejectionSnapshot,
  type SessionSnapshot,
  type Snapshot,
  type Totals,
} from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { refundRequestKey } from './metadata.ts'

/** The id of a related object, whether Stripe returns it expanded or not. */
export const idOfReference = (reference: string | { id: string } | null): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null)

const paymentStatusOf = (session: Stripe.Checkout.Session, intent: Stripe.PaymentIntent): PaymentSnapshot['status'] => {
  switch (intent.status) {
    case 'succeeded':
      return 'paid'
    case 'processing':
      return 'processing'
    case 'requires_payment_method':
    case 'canceled':
      // While the session is open, the buyer can try another card after a decline.
      return session.status === 'complete' ? 'failed' : 'unpaid'
    default:
      // In the statuses requires_action, requires_confirmation and requires_capture, and in any status that Stripe adds later, nothing is
      // paid yet.
      return 'unpaid'
  }
}

const paymentSnapshot = (
  session: Stripe.Checkout.Session,
  observedAt: number,
  paymentFailed: boolean,
): PaymentSnapshot | null => {
  const intent = session.payment_intent
  if (intent === null) return null
  if (typeof intent !== 'string') {
    const { id, currency } = intent
    const status = paymentStatusOf(session, intent)
    // An authorized payment may be captured partially.
    const amount = (status === 'paid' && intent.amount_received) || intent.amount
    return { kind: 'payment', id, status, amount, currency, observedAt }
  }
  if (typeof session.amount_total !== 'number' || typeof session.currency !== 'string' || session.status !== 'complete')
    return null
  const status = session.payment_status === 'paid' ? 'paid' : paymentFailed ? 'failed' : 'processing'
  return { kind: 'payment', id: intent, status, amount: session.amount_total, currency: session.currency, observedAt }
}

/**
 * A session in payment mode whose discount covers the whole amount completes without a payment intent; its `payment_status` is then
 * `no_payment_required`.
 */
const hasPaymentIntent = ({ mode, status, payment_intent, payment_status }: Stripe.Checkout.Session): boolean =>
  mode !== 'subscription' && mode !== 'setup' && (status !== 'complete' || payment_intent !== null || payment_status === 'unpaid')

/** Stripe allows at most one discount per session. */
const appliedDiscount = ({ discounts }: Stripe.Checkout.Session): AppliedDiscount | undefined => {
  const [discount] = discounts ?? []
  if (discount === undefined) return undefined
  const { promotion_code: promotionCode } = discount
  return {
    promotionCodeId: idOfReference(promotionCode),
    code: typeof promotionCode === 'object' ? (promotionCode?.code ?? null) : null,
  }
}

/** Invoice pages show the buyer's name and address, so their URLs are omitted if the user has been erased. */
const invoiceReference = ({ invoice, metadata }: Stripe.Checkout.Session): InvoiceReference | undefined => {
  const id = idOfReference(invoice)
  if (id === null) return undefined
  if (typeof invoice === 'string' || invoice === null) return { id, number: null, url: null, pdfUrl: null }
  if (isPseudonym(metadata?.userId ?? '')) return { id, number: invoice.number, url: null, pdfUrl: null }
  return { id, number: invoice.number, url: invoice.hosted_invoice_url ?? null, pdfUrl: invoice.invoice_pdf ?? null }
}

/** The parts of the price; null if this is not a checkout for a one-time payment. */
const totalsOf = ({ mode, currency, amount_subtotal, amount_total, total_details }: Stripe.Checkout.Session): Totals | null =>
  mode !== 'payment' || currency === null || amount_subtotal === null || amount_total === null
    ? null
    : {
        currency,
        subtotal: amount_subtotal,
        discount: total_details?.amount_discount ?? 0,
        tax: total_details?.amount_tax ?? 0,
        total: amount_total,
      }

type CompletedCheckout = Pick<SessionSnapshot, 'totals' | 'appliedDiscount' | 'invoice' | 'country'>

/** The fields that are final once a session is complete. Until then the buyer can change the discount and the country. */
const completedCheckout = (session: Stripe.Checkout.Session): CompletedCheckout => {
  if (session.status !== 'complete') return {}
  const [totals, discount, invoice] = [totalsOf(session), appliedDiscount(session), invoiceReference(session)]
  const country = session.customer_details?.address?.country
  return {
    ...(totals && { totals }),
    ...(discount && { appliedDiscount: discount }),
    ...(invoice && { invoice }),
    ...(country && { country }),
  }
}

const freeOrderSnapshot = (session: Stripe.Checkout.Session, observedAt: number): FreeOrderSnapshot | null => {
  const { id, status, payment_intent, payment_status } = session
  const totals = totalsOf(session)
  const isFree = status === 'complete' && payment_intent === null && payment_status === 'no_payment_required'
  return isFree && totals?.total === 0 ? { kind: 'free_order', id, amount: 0, currency: totals.currency, observedAt } : null
}

const sessionStatuses = ['open', 'expired', 'complete'] as const

/**
 * Returns the snapshots of a session and its payment. `payment_status` is unpaid both for a processing and for a failed payment. These two
 * cases are distinguished by an expanded payment intent, or by the `async_payment_failed` event (`paymentFailed`).
 */
export const sessionSnapshots = (
  session: Stripe.Checkout.Session,
  observedAt: number,
  { paymentFailed = false } = {},
): Snapshot[] => {
  const snapshot: SessionSnapshot = {
    kind: 'session',
    id: session.id,
    // A status that Stripe adds later counts as open, so the purchase fetches the session again.
    status: sessionStatuses.find((known) => known === session.status) ?? 'open',
    paymentIntentId: idOfReference(session.payment_intent),
    hasPaymentIntent: hasPaymentIntent(session),
    userId: session.metadata?.userId ?? null,
    entityId: session.metadata?.entityId ?? null,
    ...completedCheckout(session),
    createdAt: session.created,
    observedAt,
  }
  const settlement = paymentSnapshot(session, observedAt, paymentFailed) ?? freeOrderSnapshot(session, observedAt)
  return settlement ? [snapshot, settlement] : [snapshot]
}

const refundStatuses = ['pending', 'requires_action', 'succeeded', 'canceled', 'failed'] as const

export const refundSnapshot = (refund: Stripe.Refund, observedAt: number): RefundSnapshot | null => {
  const paymentIntentId = idOfReference(refund.payment_intent)
  if (paymentIntentId === null) return null
  // A status that Stripe adds later counts as pending, so the refund stays active until it is canceled or fails.
  const status = refundStatuses.find((known) => known === refund.status) ?? 'pending'
  return {
    kind: 'refund',
    id: refund.id,
    paymentIntentId,
    status,
    amount: refund.amount,
    createdAt: refund.created,
    requestId: refund.metadata?.[refundRequestKey] ?? null,
    observedAt,
  }
}

/**
 * Whether the dispute lists more withdrawals than reinstatements. They are counted, not added up, because the amounts of a withdrawal and
 * its reinstatement may differ: Stripe may keep its fee (`net`), and converts a payment in another currency at the daily rate (`amount`).
 */
const isWithdrawn = ({ balance_transactions }: Stripe.Dispute): boolean =>
  balance_transactions.reduce((balance, { amount }) => balance + Math.sign(amount), 0) < 0

export const disputeSnapshot = (dispute: Stripe.Dispute, observedAt: number): DisputeSnapshot | null => {
  const paymentIntentId = idOfReference(dispute.payment_intent)
  if (paymentIntentId === null) return null
  const withdrawn = isWithdrawn(dispute)
  return {
    kind: 'dispute',
    id: dispute.id,
    paymentIntentId,
    // A status that Stripe adds later counts as open while the amount is withdrawn, so access is suspended until the status is known.
    status: disputeStatuses.find((known) => known === dispute.status) ?? (withdrawn ? 'under_review' : 'warning_under_review'),
    amount: dispute.amount,
    refundable: dispute.is_charge_refundable,
    withdrawn,
    ...(dispute.evidence_details?.due_by && { respondBy: dispute.evidence_details.due_by }),
    createdAt: dispute.created,
    observedAt,
  }
}

type StripeError = InstanceType<typeof Stripe.errors.StripeError>

/** The time at which Stripe sent an error, in seconds since the epoch on Stripe's clock. */
const rejectedAt = (error: StripeError): number => {
  const date = Date.parse(error.headers?.date ?? '')
  if (Number.isNaN(date)) throw error
  return Math.floor(date / 1000)
}

/** Returns the snapshot of a checkout that Stripe rejected and would reject again. */
export const rejectionSnapshot = (purchaseId: string, error: StripeError): RejectionSnapshot => ({
  ...{ kind: 'rejection', id: purchaseId },
  ...{ code: error.code ?? error.type, observedAt: rejectedAt(error) },
})

/** The snapshot of a session that Stripe does not know, because the session belongs to another account or the test data was deleted. */
export const missingSessionSnapshot = (id: string, error: StripeError): SessionSnapshot => ({
  ...{ kind: 'session', id, status: 'missing', paymentIntentId: null, hasPaymentIntent: true, userId: null, entityId: null },
  ...{ createdAt: 0, observedAt: rejectedAt(error) },
})
