import { type Facts, factsOf } from './facts.ts'
import { isLostDispute, isOpenDispute, refundableAmount, type Settlement, takenBackAt } from './project.ts'

/** Why a refund cannot be made. `amount_too_large` is the caller's mistake; all other reasons follow from the state of the purchase. */
export type RefundRejection = 'not_paid' | 'already_refunded' | 'charged_back' | 'disputed' | 'amount_too_large'

export type RefundDecision =
  | { rejected: RefundRejection }
  | { paymentIntentId: string; amount: number }
  /** A free order is taken back without a refund in Stripe. */
  | { freeOrderId: string; amount: 0 }

/** Decides the amount to refund, in minor units of the payment. Without `amount`, it is the whole remaining amount. */
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
  return { paymentIntentId: settlement.id, amount: amount ?? refundable }
}

const maxDuplicateRefundRequests = 5

/**
 * Decides whether to request the refund of a duplicate payment, given the outcomes of earlier requests (`error` is null while a request is
 * pending and after Stripe has accepted it). An accepted refund is not repeated even if it failed later, because the operator has an alert
 * about it. A refund that Stripe rejected because of a dispute is requested again when the payment is no longer disputed.
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
