import {
  type AcceptanceSnapshot,
  type DisputeSnapshot,
  type Facts,
  factsOf,
  type PaymentSnapshot,
  type RefundSnapshot,
  type SessionSnapshot,
} from './facts.ts'

export const statuses = ['Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack'] as const
export type Status = (typeof statuses)[number]

/** What was agreed when the purchase was created. It never changes, even if the product does. */
export interface Quote {
  userId: string
  entityId: string
  /** Minor units. */
  amount: number
  currency: string
  /** Days of 86,400 seconds from the payment, or from its acceptance by an operator; null for permanent access. */
  accessDurationDays: number | null
}

/** The quote and the checkout session created for it. */
export interface PurchaseTerms extends Quote {
  /** Null until Stripe has created the session. */
  sessionId: string | null
}

/** Why a payment does not match its quote. It grants no access until an operator accepts or refunds it. */
export type Mismatch = 'amount' | 'currency' | 'user' | 'entity'

/** Everything that follows from the facts of one purchase. */
export interface Projection {
  status: Status
  /**
   * The payment that counts. Of the paid ones, in the order in which their checkouts were created, it is the first that matches the quote,
   * else the first that is neither fully refunded nor charged back, else the last. The order never changes, so a duplicate stays a duplicate.
   */
  payment: PaymentSnapshot | null
  /** Set if `payment` does not match the quote. */
  mismatch: Mismatch | null
  /** Other payments of the same purchase, which are refunded. */
  duplicates: PaymentSnapshot[]
  /** While no payment matches the quote: all that are neither fully refunded nor charged back. The operator decides about each. */
  mismatchedPayments: { payment: PaymentSnapshot; mismatch: Mismatch }[]
  /** The checkout is complete and its delayed payment has not settled yet. */
  processing: boolean
  /** Seconds since the epoch; null while unpaid. */
  paidAt: number | null
  /** Seconds since the epoch; null while unpaid and for permanent access. */
  expiresAt: number | null
  /** Minor units. */
  amountPaid: number
  /** Sum of the active refunds in minor units, at most `amountPaid`. */
  amountRefunded: number
  /** Time of the last active refund in seconds since the epoch; null unless Refunded. */
  refundedAt: number | null
  /** The purchase gives access until `expiresAt`. */
  entitled: boolean
}

export const secondsPerDay = 86_400

/** The amount of a payment minus its active refunds, in minor units. */
export const refundableAmount = (facts: Facts, payment: Pick<PaymentSnapshot, 'id' | 'amount'>): number =>
  factsOf(facts, 'refund')
    .filter((refund) => refund.paymentIntentId === payment.id && isActiveRefund(refund))
    .reduce((left, refund) => Math.max(0, left - refund.amount), payment.amount)

const disputesOf = (facts: Facts, payment: Pick<PaymentSnapshot, 'id'>): DisputeSnapshot[] =>
  factsOf(facts, 'dispute').filter((dispute) => dispute.paymentIntentId === payment.id)

const isRefundedOrChargedBack = (facts: Facts, payment: PaymentSnapshot): boolean =>
  refundableAmount(facts, payment) === 0 || disputesOf(facts, payment).some(isLostDispute)

const findAcceptance = (payment: PaymentSnapshot, facts: Facts): AcceptanceSnapshot | undefined =>
  factsOf(facts, 'acceptance').find(({ id }) => id === payment.id)

const mismatchOf = (payment: PaymentSnapshot, facts: Facts, quote: Quote): Mismatch | null => {
  if (findAcceptance(payment, facts)) return null
  if (payment.currency !== quote.currency) return 'currency'
  if (payment.amount !== quote.amount) return 'amount'
  const sessions = factsOf(facts, 'session').filter((session) => session.paymentIntentId === payment.id)
  if (!sessions.some((session) => session.userId === quote.userId)) return 'user'
  if (!sessions.some((session) => session.userId === quote.userId && session.entityId === quote.entityId)) return 'entity'
  return null
}

/** A refund counts unless it was canceled or failed. */
export const isActiveRefund = (refund: RefundSnapshot): boolean => refund.status !== 'canceled' && refund.status !== 'failed'

export const isOpenDispute = ({ status }: DisputeSnapshot): boolean =>
  status === 'needs_response' ||
  status === 'under_review' ||
  status === 'appeal_needs_response' ||
  status === 'appeal_under_review'

/** The kind of alert for a checkout that ended without a payment although it did not expire. */
export const checkoutAnomaly = ({
  status,
  paymentIntentId,
  hasPaymentIntent,
}: SessionSnapshot): 'checkout_missing' | 'completed_without_payment' | null => {
  if (status === 'missing') return 'checkout_missing'
  return status === 'complete' && paymentIntentId === null && !hasPaymentIntent ? 'completed_without_payment' : null
}

export const isLostDispute = ({ status, withdrawn }: DisputeSnapshot): boolean =>
  status === 'lost' || (status === 'prevented' && withdrawn)

const unpaidStatus = (facts: Facts, { sessionId }: PurchaseTerms, processing: boolean): Status => {
  const sessions = factsOf(facts, 'session')
  // Another session, created in the Stripe dashboard, says nothing about ours, which counts as open until it has a snapshot.
  const hasOwnSession = sessions.some((session) => sessionId === null || session.id === sessionId)
  const isKnown = hasOwnSession || factsOf(facts, 'rejection').length > 0
  if (!isKnown || processing || sessions.some((session) => session.status === 'open')) return 'Pending'
  return factsOf(facts, 'payment').some((payment) => payment.status === 'failed') ? 'Failed' : 'Expired'
}

/** Whether a completed checkout has a payment that is neither paid nor failed. */
const isProcessing = (facts: Facts): boolean => {
  const payments = new Map(factsOf(facts, 'payment').map((payment) => [payment.id, payment.status]))
  return factsOf(facts, 'session').some((session) => {
    if (session.status !== 'complete') return false
    // A complete session whose payment intent is still unknown has not ended: it must be fetched again.
    if (session.paymentIntentId === null) return session.hasPaymentIntent
    const payment = payments.get(session.paymentIntentId)
    return payment !== 'paid' && payment !== 'failed'
  })
}

/** When the checkout of a payment was created: seconds since the epoch. */
const checkoutCreatedAt = ({ id }: PaymentSnapshot, facts: Facts): number =>
  Math.min(
    ...factsOf(facts, 'session')
      .filter((session) => session.paymentIntentId === id)
      .map((session) => session.createdAt),
  )

/** Paid payments in the order in which their checkouts were created. */
const sortedPaidPayments = (facts: Facts): PaymentSnapshot[] =>
  factsOf(facts, 'payment')
    .filter((payment) => payment.status === 'paid')
    .map((payment) => ({ payment, createdAt: checkoutCreatedAt(payment, facts) }))
    // The sort is stable, so those of one second stay sorted by id.
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))
    .map(({ payment }) => payment)

/** The only place where a status is decided. The result depends on nothing but the facts and the quote. */
export const project = (facts: Facts, quote: PurchaseTerms): Projection => {
  const paid = sortedPaidPayments(facts)
  const payment =
    paid.find((candidate) => mismatchOf(candidate, facts, quote) === null) ??
    paid.find((candidate) => !isRefundedOrChargedBack(facts, candidate)) ??
    paid.at(-1)
  const processing = isProcessing(facts)
  if (!payment) {
    return {
      status: unpaidStatus(facts, quote, processing),
      payment: null,
      mismatch: null,
      duplicates: [],
      mismatchedPayments: [],
      processing,
      paidAt: null,
      expiresAt: null,
      amountPaid: 0,
      amountRefunded: 0,
      refundedAt: null,
      entitled: false,
    }
  }
  const mismatch = mismatchOf(payment, facts, quote)
  const mismatchedPayments = paid.flatMap((candidate) => {
    const reason = mismatch && mismatchOf(candidate, facts, quote)
    return reason && !isRefundedOrChargedBack(facts, candidate) ? [{ payment: candidate, mismatch: reason }] : []
  })
  // Waiting for the operator's acceptance does not shorten the access.
  const startsAt = Math.max(payment.observedAt, findAcceptance(payment, facts)?.observedAt ?? 0)
  const refunds = factsOf(facts, 'refund').filter((refund) => refund.paymentIntentId === payment.id && isActiveRefund(refund))
  const disputes = disputesOf(facts, payment)
  const amountRefunded = payment.amount - refundableAmount(facts, payment)
  const status: Status =
    payment.amount > 0 && amountRefunded >= payment.amount
      ? 'Refunded'
      : disputes.some(isLostDispute)
        ? 'ChargedBack'
        : disputes.some(isOpenDispute)
          ? 'Disputed'
          : mismatch
            ? 'Pending'
            : 'Completed'
  return {
    status,
    payment,
    mismatch,
    duplicates: mismatch ? [] : paid.filter((other) => other.id !== payment.id),
    mismatchedPayments,
    processing,
    paidAt: payment.observedAt,
    expiresAt: quote.accessDurationDays === null ? null : startsAt + quote.accessDurationDays * secondsPerDay,
    amountPaid: payment.amount,
    amountRefunded,
    refundedAt: status === 'Refunded' ? Math.max(...refunds.map((refund) => refund.createdAt)) : null,
    entitled: status === 'Completed',
  }
}
