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

/** What was agreed when the purchase was created. It never changes, whatever happens to the product. */
export interface Quote {
  userId: string
  entityId: string
  /** Minor units. */
  amount: number
  currency: string
  /** Days of 86,400 seconds counted from the payment, or from its acceptance by an operator; null gives access without an end. */
  accessDurationDays: number | null
}

/** What a status is decided for: the quote, and the checkout that was made for it, null until its id is known. */
export interface PurchaseTerms extends Quote {
  sessionId: string | null
}

/** Why a payment that Stripe took gives nothing: the operator grants or refunds. */
export type Mismatch = 'amount' | 'currency' | 'user' | 'entity'

/** Everything that follows from the facts about one purchase. */
export interface Projection {
  status: Status
  /**
   * The payment that counts: of those paid, in the order in which their checkouts were made, the first that is as quoted, else the first
   * of which something is left, else the last. That order never changes, so a payment once taken for a duplicate never becomes the one
   * that counts.
   */
  payment: PaymentSnapshot | null
  /** Set when `payment` was paid but is not what was quoted. */
  mismatch: Mismatch | null
  /** Further payments of the same purchase: to be given back. */
  duplicates: PaymentSnapshot[]
  /** Everything paid that is not as quoted and of which something is left, while nothing paid is as quoted: the operator decides about each. */
  mismatchedPayments: { payment: PaymentSnapshot; mismatch: Mismatch }[]
  /** The checkout is complete and the money is under way (a delayed payment method). */
  processing: boolean
  /** Seconds since the epoch; null while unpaid. */
  paidAt: number | null
  /** Seconds since the epoch; null while unpaid, and when access has no end. */
  expiresAt: number | null
  /** Minor units. */
  amountPaid: number
  /** What the refunds that stand add up to, in minor units, never more than `amountPaid`. */
  amountRefunded: number
  /** Seconds since the epoch of the last refund that stands; null unless Refunded. */
  refundedAt: number | null
  /** Whether the facts give access (until `expiresAt`). */
  entitled: boolean
}

export const secondsPerDay = 86_400

/** What the refunds that stand have left of a payment, in minor units. */
export const refundableAmount = (facts: Facts, payment: Pick<PaymentSnapshot, 'id' | 'amount'>): number =>
  factsOf(facts, 'refund')
    .filter((refund) => refund.paymentIntentId === payment.id && isActiveRefund(refund))
    .reduce((left, refund) => Math.max(0, left - refund.amount), payment.amount)

const disputesOf = (facts: Facts, payment: Pick<PaymentSnapshot, 'id'>): DisputeSnapshot[] =>
  factsOf(facts, 'dispute').filter((dispute) => dispute.paymentIntentId === payment.id)

/** Whether nothing is left of a payment: all of it was given back, or the bank has taken it. */
const isSpent = (facts: Facts, payment: PaymentSnapshot): boolean =>
  refundableAmount(facts, payment) === 0 || disputesOf(facts, payment).some(isLostDispute)

const acceptanceOf = (payment: PaymentSnapshot, facts: Facts): AcceptanceSnapshot | undefined =>
  factsOf(facts, 'acceptance').find(({ id }) => id === payment.id)

const mismatchOf = (payment: PaymentSnapshot, facts: Facts, quote: Quote): Mismatch | null => {
  if (acceptanceOf(payment, facts)) return null
  if (payment.currency !== quote.currency) return 'currency'
  if (payment.amount !== quote.amount) return 'amount'
  const sessions = factsOf(facts, 'session').filter((session) => session.paymentIntentId === payment.id)
  if (!sessions.some((session) => session.userId === quote.userId)) return 'user'
  if (!sessions.some((session) => session.userId === quote.userId && session.entityId === quote.entityId)) return 'entity'
  return null
}

/** A refund stands unless Stripe has canceled it or it failed. */
export const isActiveRefund = (refund: RefundSnapshot): boolean => refund.status !== 'canceled' && refund.status !== 'failed'

export const isOpenDispute = ({ status }: DisputeSnapshot): boolean =>
  status === 'needs_response' ||
  status === 'under_review' ||
  status === 'appeal_needs_response' ||
  status === 'appeal_under_review'

/** What an operator has to be told of a checkout that ended without a payment, and not because its time was up. */
export const checkoutAnomaly = ({
  status,
  paymentIntentId: payment,
  hasPaymentIntent: paysByIntent,
}: SessionSnapshot): 'checkout_missing' | 'completed_without_payment' | null => {
  if (status === 'gone') return 'checkout_missing'
  return status === 'complete' && payment === null && !paysByIntent ? 'completed_without_payment' : null
}

export const isLostDispute = ({ status, withdrawn }: DisputeSnapshot): boolean =>
  status === 'lost' || (status === 'prevented' && withdrawn)

const unpaidStatus = (facts: Facts, { sessionId }: PurchaseTerms, processing: boolean): Status => {
  const sessions = factsOf(facts, 'session')
  // The end of another session, made by hand, says nothing about ours: until it is told of, that one is open.
  const told = sessions.some((session) => sessionId === null || session.id === sessionId)
  const closed = told || factsOf(facts, 'refusal').length > 0
  if (!closed || processing || sessions.some((session) => session.status === 'open')) return 'Pending'
  return factsOf(facts, 'payment').some((payment) => payment.status === 'failed') ? 'Failed' : 'Expired'
}

/** Whether some checkout was completed whose payment has neither arrived nor failed. */
const isProcessing = (facts: Facts): boolean => {
  const payments = new Map(factsOf(facts, 'payment').map((payment) => [payment.id, payment.status]))
  return factsOf(facts, 'session').some((session) => {
    if (session.status !== 'complete') return false
    // Complete, and it is not said by what: that is no end, Stripe has to be asked.
    if (session.paymentIntentId === null) return session.hasPaymentIntent
    const payment = payments.get(session.paymentIntentId)
    return payment !== 'paid' && payment !== 'failed'
  })
}

/** When the checkout of a payment was made: seconds since the epoch. */
const checkoutMadeAt = ({ id }: PaymentSnapshot, facts: Facts): number =>
  Math.min(
    ...factsOf(facts, 'session')
      .filter((session) => session.paymentIntentId === id)
      .map((session) => session.createdAt),
  )

const paidInOrder = (facts: Facts): PaymentSnapshot[] =>
  factsOf(facts, 'payment')
    .filter((payment) => payment.status === 'paid')
    .map((payment) => ({ payment, madeAt: checkoutMadeAt(payment, facts) }))
    // Those of one second stay in the order of their ids.
    .sort((a, b) => (a.madeAt < b.madeAt ? -1 : a.madeAt > b.madeAt ? 1 : 0))
    .map(({ payment }) => payment)

/** The one place where a status is decided. Pure: the same facts and quote give the same answer whenever asked. */
export const project = (facts: Facts, quote: PurchaseTerms): Projection => {
  const paid = paidInOrder(facts)
  const payment =
    paid.find((candidate) => mismatchOf(candidate, facts, quote) === null) ??
    paid.find((candidate) => !isSpent(facts, candidate)) ??
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
  const unexpected = paid.flatMap((one) => {
    const reason = mismatch && mismatchOf(one, facts, quote)
    return reason && !isSpent(facts, one) ? [{ payment: one, mismatch: reason }] : []
  })
  // Who had to wait for the operator loses none of the time that was paid for.
  const opensAt = Math.max(payment.observedAt, acceptanceOf(payment, facts)?.observedAt ?? 0)
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
    mismatchedPayments: unexpected,
    processing,
    paidAt: payment.observedAt,
    expiresAt: quote.accessDurationDays === null ? null : opensAt + quote.accessDurationDays * secondsPerDay,
    amountPaid: payment.amount,
    amountRefunded,
    refundedAt: status === 'Refunded' ? Math.max(...refunds.map((refund) => refund.createdAt)) : null,
    entitled: status === 'Completed',
  }
}

export const status = (facts: Facts, quote: PurchaseTerms): Status => project(facts, quote).status

/** The access that the facts give: until `expiresAt` (seconds since the epoch, null without an end), or none. */
export const grant = (facts: Facts, quote: PurchaseTerms): { paidAt: number; expiresAt: number | null } | null => {
  const { entitled, paidAt, expiresAt } = project(facts, quote)
  return entitled && paidAt !== null ? { paidAt, expiresAt } : null
}
