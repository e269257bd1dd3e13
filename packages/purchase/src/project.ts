import {
  type AcceptanceSnapshot,
  type DisputeSnapshot,
  type Facts,
  type FreeOrderSnapshot,
  factsOf,
  type InvoiceReference,
  type PaymentSnapshot,
  type RefundSnapshot,
  type SessionSnapshot,
} from './facts.ts'
import type { AccessTerms } from './grant.ts'
import { noPriceParts, type PriceMismatch, type PriceParts, priceMismatch, pricePartsOf, type QuotedPrice } from './totals.ts'

export const statuses = ['Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack'] as const
export type Status = (typeof statuses)[number]

/** The terms that were agreed on when the purchase was created. They never change, even if the product changes. */
export interface Quote extends QuotedPrice, AccessTerms {
  userId: string
  entityId: string
  /** Whether the purchase continues access that the user already has. */
  isRenewal: boolean
}

/** The quote, and the checkout session that was created for it. */
export interface PurchaseTerms extends Quote {
  /** Null until Stripe has created the session. */
  sessionId: string | null
}

/** The snapshot that settles a completed checkout: a received payment or a free order. */
export type Settlement = PaymentSnapshot | FreeOrderSnapshot

/** The reason why a settlement does not match the quote. Such a settlement gives no access unless an operator accepts it. */
export type Mismatch = PriceMismatch | 'user' | 'entity'

/** All data that follows from the facts of one purchase. */
export interface Projection extends PriceParts {
  status: Status
  /**
   * The settlement that counts. Settlements are ordered by the creation of their checkouts. The first settlement that matches the quote
   * counts; if none matches, the first settlement that is neither fully refunded nor charged back; otherwise the last settlement. The order
   * never changes, so a duplicate stays a duplicate.
   */
  settlement: Settlement | null
  /** The same as `settlement` if it is a payment; otherwise null. */
  payment: PaymentSnapshot | null
  /** Null if `settlement` matches the quote or there is no settlement. */
  mismatch: Mismatch | null
  /** Other payments of the same purchase, which have to be refunded. */
  duplicates: PaymentSnapshot[]
  /**
   * If no settlement matches the quote, the settlements that are neither fully refunded nor charged back. The operator decides about each
   * of these settlements. Empty if a settlement matches.
   */
  mismatchedSettlements: { settlement: Settlement; mismatch: Mismatch }[]
  /** Whether the checkout is complete but its delayed payment has not settled yet. */
  processing: boolean
  /** The time of the payment in seconds since the epoch; null while the purchase is unpaid. */
  paidAt: number | null
  /**
   * The earliest start of the access, in seconds since the epoch: the time of the payment, or the time at which an operator accepted it.
   * Null while the purchase is unpaid.
   */
  startsAt: number | null
  /** The amount paid, in minor units. */
  amountPaid: number
  /** The sum of the active refunds in minor units, which is at most `amountPaid`. */
  amountRefunded: number
  /**
   * The promotion code that reduced the price or, before the payment, the code that was chosen. Null if there is no code, or if only the
   * code's id is known so far.
   */
  promotionCode: string | null
  invoice: InvoiceReference | null
  /** The country of the buyer's billing address. */
  country: string | null
  /** The time of the last active refund in seconds since the epoch; null unless the status is Refunded. */
  refundedAt: number | null
  /** Whether the purchase gives access until its grant expires. */
  entitled: boolean
}

/** Returns a payment's amount minus its active refunds, in minor units; 0 for a free order. */
export const refundableAmount = (facts: Facts, payment: Pick<Settlement, 'id' | 'amount'>): number =>
  factsOf(facts, 'refund')
    .filter((refund) => refund.paymentIntentId === payment.id && isActiveRefund(refund))
    .reduce((left, refund) => Math.max(0, left - refund.amount), payment.amount)

const disputesOf = (facts: Facts, payment: Pick<Settlement, 'id'>): DisputeSnapshot[] =>
  factsOf(facts, 'dispute').filter((dispute) => dispute.paymentIntentId === payment.id)

/** Returns when a free order was taken back, in seconds since the epoch; null if it was not taken back. */
export const takenBackAt = (facts: Facts, { id }: Pick<FreeOrderSnapshot, 'id'>): number | null =>
  factsOf(facts, 'free_order_refund').find((refund) => refund.id === id)?.observedAt ?? null

const isRefunded = (facts: Facts, settlement: Settlement): boolean =>
  settlement.kind === 'free_order' ? takenBackAt(facts, settlement) !== null : refundableAmount(facts, settlement) === 0

const isRefundedOrChargedBack = (facts: Facts, settlement: Settlement): boolean =>
  isRefunded(facts, settlement) || disputesOf(facts, settlement).some(isLostDispute)

const findAcceptance = (settlement: Settlement, facts: Facts): AcceptanceSnapshot | undefined =>
  factsOf(facts, 'acceptance').find(({ id }) => id === settlement.id)

/** Returns the checkout sessions of a settlement. There is only one, unless sessions were created outside pay-to-view. */
const sessionsOf = ({ kind, id }: Pick<Settlement, 'kind' | 'id'>, facts: Facts): SessionSnapshot[] =>
  factsOf(facts, 'session').filter((session) => (kind === 'payment' ? session.paymentIntentId === id : session.id === id))

const sessionMismatch = (session: SessionSnapshot, settlement: Settlement, quote: Quote): Mismatch | null => {
  const mismatch = priceMismatch(session, settlement, quote)
  if (mismatch !== null) return mismatch
  if (session.userId !== quote.userId) return 'user'
  return session.entityId === quote.entityId ? null : 'entity'
}

const mismatchOf = (settlement: Settlement, facts: Facts, quote: Quote): Mismatch | null => {
  if (findAcceptance(settlement, facts)) return null
  const [first, ...others] = sessionsOf(settlement, facts).map((session) => sessionMismatch(session, settlement, quote))
  if (first === undefined) return settlement.currency !== quote.currency ? 'currency' : 'user'
  return others.includes(null) ? null : first
}

/** Whether a refund counts, which means that it has neither failed nor been canceled. */
export const isActiveRefund = (refund: RefundSnapshot): boolean => refund.status !== 'canceled' && refund.status !== 'failed'

export const isOpenDispute = ({ status }: DisputeSnapshot): boolean =>
  status === 'needs_response' ||
  status === 'under_review' ||
  status === 'appeal_needs_response' ||
  status === 'appeal_under_review'

/** Whether the bank is waiting for evidence. An escalated inquiry and an appealed dispute need a new response. */
export const needsResponse = (status: string): boolean =>
  ['warning_needs_response', 'needs_response', 'appeal_needs_response'].includes(status)

/** Returns when evidence is due, in seconds since the epoch; null if no evidence is due, for example because it has been submitted. */
export const evidenceDueAt = ({ status, respondBy }: DisputeSnapshot): number | null =>
  needsResponse(status) ? (respondBy ?? null) : null

/**
 * Returns the kind of alert for a checkout that ended without a payment although it neither expired nor was free; null for all other
 * checkouts.
 */
export const checkoutAnomaly = ({
  status,
  paymentIntentId,
  hasPaymentIntent,
  totals,
}: SessionSnapshot): 'checkout_missing' | 'completed_without_payment' | null => {
  if (status === 'missing') return 'checkout_missing'
  return status === 'complete' && paymentIntentId === null && !hasPaymentIntent && totals?.total !== 0
    ? 'completed_without_payment'
    : null
}

export const isLostDispute = ({ status, withdrawn }: DisputeSnapshot): boolean =>
  status === 'lost' || (status === 'prevented' && withdrawn)

/** Whether Stripe rejected the purchase's checkout, so the buyer never had a checkout that could expire. */
export const isCheckoutRejected = (facts: Facts): boolean =>
  factsOf(facts, 'rejection').length > 0 && factsOf(facts, 'session').length === 0

const unpaidStatus = (facts: Facts, { sessionId }: PurchaseTerms, processing: boolean): Status => {
  const sessions = factsOf(facts, 'session')
  // A session that was created in the Stripe dashboard says nothing about our own session, which counts as open until there is a snapshot
  // of it.
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
    // If the payment intent of a complete session is still unknown, the session must be fetched again.
    if (session.paymentIntentId === null) return session.hasPaymentIntent
    const payment = payments.get(session.paymentIntentId)
    return payment !== 'paid' && payment !== 'failed'
  })
}

/** Returns when a settlement's checkout was created, in seconds since the epoch. */
const checkoutCreatedAt = (settlement: Settlement, facts: Facts): number =>
  Math.min(...sessionsOf(settlement, facts).map((session) => session.createdAt))

/** Returns paid payments and free orders in the order in which their checkouts were created. */
export const sortedSettlements = (facts: Facts): Settlement[] =>
  [...factsOf(facts, 'free_order'), ...factsOf(facts, 'payment').filter((payment) => payment.status === 'paid')]
    .map((settlement) => ({ settlement, createdAt: checkoutCreatedAt(settlement, facts) }))
    // The sort is stable. Among checkouts from the same second, free orders therefore come before payments, and each kind stays sorted by
    // id.
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))
    .map(({ settlement }) => settlement)

/** Returns the checkout session that contains the price of a settlement. */
export const sessionOf = (settlement: Pick<Settlement, 'kind' | 'id'>, facts: Facts): SessionSnapshot | undefined => {
  const sessions = sessionsOf(settlement, facts)
  return sessions.find(({ totals }) => totals !== undefined) ?? sessions[0]
}

const isPayment = (settlement: Settlement): settlement is PaymentSnapshot => settlement.kind === 'payment'

/**
 * Returns the promotion code that reduced the price. Events contain only the code's id, so the code itself is known only if it was fetched
 * or was chosen when the purchase was created.
 */
export const promotionCodeOf = (
  session: SessionSnapshot | undefined,
  { allowedDiscount }: Pick<Quote, 'allowedDiscount'>,
): string | null => {
  const { appliedDiscount } = session ?? {}
  if (appliedDiscount === undefined) return null
  const isChosen = allowedDiscount.kind === 'code' && allowedDiscount.promotionCodeId === appliedDiscount.promotionCodeId
  return appliedDiscount.code ?? (isChosen ? allowedDiscount.code : null)
}

const statusOf = (facts: Facts, settlement: Settlement, mismatch: Mismatch | null): Status => {
  const disputes = disputesOf(facts, settlement)
  if (isRefunded(facts, settlement)) return 'Refunded'
  if (disputes.some(isLostDispute)) return 'ChargedBack'
  if (disputes.some(isOpenDispute)) return 'Disputed'
  return mismatch ? 'Pending' : 'Completed'
}

/** Returns when the last active refund was created; null if there is none. */
const lastRefundAt = (facts: Facts, settlement: Settlement): number | null => {
  const refunds = factsOf(facts, 'refund').filter((refund) => refund.paymentIntentId === settlement.id && isActiveRefund(refund))
  return refunds.length === 0 ? takenBackAt(facts, settlement) : Math.max(...refunds.map((refund) => refund.createdAt))
}

const projectUnpaid = (facts: Facts, quote: PurchaseTerms, processing: boolean): Projection => ({
  status: unpaidStatus(facts, quote, processing),
  settlement: null,
  payment: null,
  mismatch: null,
  duplicates: [],
  mismatchedSettlements: [],
  processing,
  paidAt: null,
  startsAt: null,
  amountPaid: 0,
  amountRefunded: 0,
  ...noPriceParts,
  promotionCode: quote.allowedDiscount.kind === 'code' ? quote.allowedDiscount.code : null,
  invoice: null,
  country: null,
  refundedAt: null,
  entitled: false,
})

/** Computes the projection. This is the only place where a status is decided, and the result depends only on the facts and the quote. */
export const project = (facts: Facts, quote: PurchaseTerms): Projection => {
  const settlements = sortedSettlements(facts)
  const settlement =
    settlements.find((candidate) => mismatchOf(candidate, facts, quote) === null) ??
    settlements.find((candidate) => !isRefundedOrChargedBack(facts, candidate)) ??
    settlements.at(-1)
  const processing = isProcessing(facts)
  if (!settlement) return projectUnpaid(facts, quote, processing)
  const mismatch = mismatchOf(settlement, facts, quote)
  const mismatchedSettlements = settlements.flatMap((candidate) => {
    const reason = mismatch && mismatchOf(candidate, facts, quote)
    return reason && !isRefundedOrChargedBack(facts, candidate) ? [{ settlement: candidate, mismatch: reason }] : []
  })
  const session = sessionOf(settlement, facts)
  // Access starts with the acceptance, so the wait for the operator's decision does not shorten it.
  const startsAt = Math.max(settlement.observedAt, findAcceptance(settlement, facts)?.observedAt ?? 0)
  const status = statusOf(facts, settlement, mismatch)
  return {
    status,
    settlement,
    payment: isPayment(settlement) ? settlement : null,
    mismatch,
    duplicates: mismatch ? [] : settlements.filter(isPayment).filter((other) => other.id !== settlement.id),
    mismatchedSettlements,
    processing,
    paidAt: settlement.observedAt,
    startsAt,
    amountPaid: settlement.amount,
    amountRefunded: settlement.amount - refundableAmount(facts, settlement),
    ...pricePartsOf(session?.totals, settlement.amount),
    promotionCode: promotionCodeOf(session, quote),
    invoice: session?.invoice ?? null,
    country: session?.country ?? null,
    refundedAt: status === 'Refunded' ? lastRefundAt(facts, settlement) : null,
    entitled: status === 'Completed',
  }
}
