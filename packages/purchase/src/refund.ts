import { type Facts, factsOf, type PaymentSnapshot } from './facts.ts'
import { isLost, isOpen, leftOf } from './project.ts'

/** Why a refund cannot be made. `amount_too_large` is the caller's mistake; the others say what state the purchase is in. */
export type RefundRefusal = 'not_paid' | 'already_refunded' | 'charged_back' | 'disputed' | 'amount_too_large'

export type RefundDecision = { refuse: RefundRefusal } | { payment: string; amount: number }

/** What to ask Stripe for: `amount` in minor units of this payment, all that is left when not given. */
export const decideRefund = (facts: Facts, payment: PaymentSnapshot | null, amount: number | undefined): RefundDecision => {
  if (!payment) return { refuse: 'not_paid' }
  const left = leftOf(facts, payment)
  if (left === 0) return { refuse: 'already_refunded' }
  const disputes = factsOf(facts, 'dispute').filter((dispute) => dispute.payment === payment.id)
  if (disputes.some(isLost)) return { refuse: 'charged_back' }
  if (disputes.some((dispute) => isOpen(dispute) && !dispute.refundable)) return { refuse: 'disputed' }
  if (amount !== undefined && amount > left) return { refuse: 'amount_too_large' }
  return { payment: payment.id, amount: amount ?? left }
}
