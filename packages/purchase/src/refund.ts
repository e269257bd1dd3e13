import { type Facts, factsOf, type PaymentSnapshot } from './facts.ts'
import { isLostDispute, isOpenDispute, refundableAmount } from './project.ts'

/** Why a refund cannot be made. `amount_too_large` is the caller's mistake; the others say what state the purchase is in. */
export type RefundRejection = 'not_paid' | 'already_refunded' | 'charged_back' | 'disputed' | 'amount_too_large'

export type RefundDecision = { refuse: RefundRejection } | { payment: string; amount: number }

/** What to ask Stripe for: `amount` in minor units of this payment, all that is left when not given. */
export const decideRefund = (facts: Facts, payment: PaymentSnapshot | null, amount: number | undefined): RefundDecision => {
  if (!payment) return { refuse: 'not_paid' }
  const left = refundableAmount(facts, payment)
  if (left === 0) return { refuse: 'already_refunded' }
  const disputes = factsOf(facts, 'dispute').filter((dispute) => dispute.paymentIntentId === payment.id)
  if (disputes.some(isLostDispute)) return { refuse: 'charged_back' }
  if (disputes.some((dispute) => isOpenDispute(dispute) && !dispute.refundable)) return { refuse: 'disputed' }
  if (amount !== undefined && amount > left) return { refuse: 'amount_too_large' }
  return { payment: payment.id, amount: amount ?? left }
}

/** Times that the refund of one duplicate is ordered, refusals included. */
const mostTries = 5

/**
 * What to ask Stripe for a second payment for what is owned, given how our earlier requests for it ended (`error` null: under way, or
 * Stripe took it); null when there is nothing to ask. One that Stripe took is enough, also where it failed later: the operator has been
 * told. One that Stripe refused, because the payment was disputed, can be made when it is not.
 */
export const decideDuplicateRefund = (
  facts: Facts,
  second: PaymentSnapshot,
  earlier: readonly { error: string | null }[],
): { payment: string; amount: number } | null => {
  if (earlier.length >= mostTries || earlier.some(({ error }) => error === null || error === 'refund_failed')) return null
  const decision = decideRefund(facts, second, undefined)
  return 'refuse' in decision ? null : decision
}
