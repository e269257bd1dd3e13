import { type Facts, factsOf } from './facts.ts'
import { smallestStep } from './money.ts'
import { isLostDispute, isOpenDispute, refundableAmount, type Settlement, takenBackAt } from './project.ts'

/**
 * The reason why a refund is not possible. `amount_too_large` and `amount_not_a_multiple` (of the currency's smallest step) are the caller's
 * mistakes; all other reasons follow from the purchase's state.
 */
export type RefundRejection =
  | 'not_paid'
  | 'already_refunded'
  | 'charged_back'
  | 'disputed'
  | 'amount_too_large'
  | 'amount_not_a_multiple'

export type RefundDecision =
  | { rejected: RefundRejection }
  | { paymentIntentId: string; amount: number }
  /** Take back a free order, without a refund in Stripe. */
  | { freeOrderId: string; amount: 0 }

/**
 * Decides whether a settlement can be refunded, and the amount in minor units. Without `amount`, the whole remaining amount is refunded.
 */
export const decideRefund = (facts: Facts, settlement: Settlement | null, amount: number | undefined): RefundDecision => {
  if (!settlement) return { rejected: 'not_paid' }
  if (settlement.kind === 'free_order') {
    if (takenBackAt(facts, settlement) !== null) return { rejected: 'already_refunded' }
    return amount ? { rejected: 'amount_too_large' } : { freeOrderId: settlement.id, amount: 0 }
  }
  const refundable = refundableAmount(facts, settlement)
  if (refundable === 0) return { rejected: 'already_refunded' }
  const disputes = factsOf(facts, 'dispute').filter((dispute) => dispute.paymentIntentId === settlement.id)
  if (disputes.some(isLostDispute)) return { rejected: 'charged_back' }
  if (disputes.some((dispute) => isOpenDispute(dispute) && !dispute.refundable)) return { rejected: 'disputed' }
  if (amount !== undefined && amount > refundable) return { rejected: 'amount_too_large' }
  if (amount !== undefined && amount % smallestStep(settlement.currency) !== 0) return { rejected: 'amount_not_a_multiple' }
  return { paymentIntentId: settlement.id, amount: amount ?? refundable }
}

const maxDuplicateRefundRequests = 5

/**
 * Decides whether to request the refund of a duplicate payment, given the outcomes of earlier requests. A request's `error` is null while
 * the request is pending and after Stripe has accepted it. An accepted refund is not repeated even if it failed later, because an alert
 * informs the operator. A refund that was rejected because of a dispute is requested again when the payment is no longer disputed.
 */
export const decideDuplicateRefund = (
  facts: Facts,
  duplicate: Settlement,
  earlier: readonly { error: string | null }[],
): Exclude<RefundDecision, { rejected: RefundRejection }> | null => {
  if (earlier.length >= maxDuplicateRefundRequests) return null
  if (earlier.some(({ error }) => error === null || error === 'refund_failed')) return null
  const decision = decideRefund(facts, duplicate, undefined)
  return 'rejected' in decision ? null : decision
}
