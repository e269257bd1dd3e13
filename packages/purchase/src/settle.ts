import { type Facts, factsOf, type PaymentSnapshot } from './facts.ts'
import { isActiveRefund, type Projection, type Status } from './project.ts'

/** Whether a payment has come back to us: a refund of it failed or was canceled, or a dispute about it was won. */
const hasComeBack = (facts: Facts, payment: PaymentSnapshot): boolean =>
  factsOf(facts, 'refund').some((refund) => refund.paymentIntentId === payment.id && !isActiveRefund(refund)) ||
  factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === payment.id && dispute.status === 'won')

/** The grant that this purchase has had, if any, and whether another purchase's live grant covers the same entity for the same user. */
export interface EntitlementContext {
  own: 'none' | 'live' | 'ended'
  /** The access that the payment gave is past its end. */
  lapsed: boolean
  coveredByOther: boolean
}

/**
 * What a purchase has had. One that never had a grant, because its payment was given back or fought over before access was given, is restored
 * like one that had; unless we have ordered the payment back as a second one: then it stays one.
 */
export const ownGrantState = (
  grant: { endedAt: Date | null } | null,
  before: { status: Status; orderedBack: boolean },
  facts: Facts,
  { payment }: Projection,
): EntitlementContext['own'] => {
  if (grant) return grant.endedAt === null ? 'live' : 'ended'
  if (!payment || before.orderedBack) return 'none'
  const restorable = before.status === 'Refunded' || before.status === 'Disputed' || before.status === 'ChargedBack'
  return restorable || hasComeBack(facts, payment) ? 'ended' : 'none'
}

/** What applying facts does to access across a user's purchases. */
export type AccessDecision =
  /** Give (or give back) access. */
  | 'grant'
  /** Access goes on as it is. */
  | 'keep'
  /** Take access away, or leave it away. */
  | 'revoke'
  /** A second payment for what is owned: no access, and the payment is refunded. */
  | 'refund_duplicate'
  /** Entitled again after a refund that failed or a dispute that was won, while something bought since covers it: the operator decides. */
  | 'alert_covered'

/** The first payment to be applied keeps the grant; one restored later never takes it from a newer one. */
export const decideAccess = (projection: Projection, holdings: EntitlementContext): AccessDecision => {
  if (!projection.entitled) return 'revoke'
  if (holdings.own === 'live') return 'keep'
  if (holdings.own === 'ended' && holdings.lapsed) return 'keep'
  if (!holdings.coveredByOther) return 'grant'
  return holdings.own === 'none' ? 'refund_duplicate' : 'alert_covered'
}
