import { type Facts, factsOf, type PaymentSnapshot } from './facts.ts'
import { type Projection, stands } from './project.ts'

/** Why a refund cannot be made. `amount_too_large` is the caller's mistake; the others say what state the purchase is in. */
export type RefundRefusal = 'not_paid' | 'already_refunded' | 'charged_back' | 'disputed' | 'amount_too_large'

export type RefundDecision = { refuse: RefundRefusal } | { payment: string; amount: number }

/** What the refunds that stand have left of a payment, in minor units. */
export const leftOf = (facts: Facts, payment: Pick<PaymentSnapshot, 'id' | 'amount'>): number =>
  factsOf(facts, 'refund')
    .filter((refund) => refund.payment === payment.id && stands(refund))
    .reduce((left, refund) => Math.max(0, left - refund.amount), payment.amount)

/** What to ask Stripe for: `amount` in minor units, all that is left when not given. */
export const decideRefund = (facts: Facts, projection: Projection, amount: number | undefined): RefundDecision => {
  const { payment, status } = projection
  if (!payment) return { refuse: 'not_paid' }
  const left = leftOf(facts, payment)
  if (left === 0) return { refuse: 'already_refunded' }
  if (status === 'ChargedBack') return { refuse: 'charged_back' }
  const blocked = factsOf(facts, 'dispute').some((dispute) => dispute.payment === payment.id && !dispute.refundable)
  if (status === 'Disputed' && blocked) return { refuse: 'disputed' }
  if (amount !== undefined && amount > left) return { refuse: 'amount_too_large' }
  return { payment: payment.id, amount: amount ?? left }
}
