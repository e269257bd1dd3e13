import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, type Settlement, type Status } from './project.ts'

/** Whether the money of a payment was returned to us, by a failed refund or a won dispute. */
const hasFailedRefundOrWonDispute = (facts: Facts, settlement: Settlement): boolean =>
  factsOf(facts, 'refund').some((refund) => refund.paymentIntentId === settlement.id && !isActiveRefund(refund)) ||
  factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === settlement.id && dispute.status === 'won')

/** The user's current access, which the facts of this purchase do not show. */
export interface EntitlementContext {
  /** The grant of this purchase; `granted` even while it is expired. */
  ownGrant: 'none' | 'granted' | 'ended'
  /** The access that the payment gives has expired. */
  isExpired: boolean
  /** The active grant of another purchase covers the same entity for the same user. */
  isCoveredByOther: boolean
}

/**
 * Returns the state of the purchase's grant. A payment that was refunded or disputed before access was granted counts as an ended grant, so
 * that access can be restored; unless we requested its refund as a duplicate: it remains a duplicate.
 */
export const ownGrantState = (
  grant: { endedAt: Date | null } | null,
  before: { status: Status; hasDuplicateRefundRequest: boolean },
  facts: Facts,
  { settlement }: Projection,
): EntitlementContext['ownGrant'] => {
  if (grant) return grant.endedAt === null ? 'granted' : 'ended'
  if (!settlement || before.hasDuplicateRefundRequest) return 'none'
  const isRestorable = before.status === 'Refunded' || before.status === 'Disputed' || before.status === 'ChargedBack'
  return isRestorable || hasFailedRefundOrWonDispute(facts, settlement) ? 'ended' : 'none'
}

/** The effect of applying facts on the user's access. */
export type AccessDecision =
  /** Grant or restore access. */
  | 'grant'
  /** Leave access as it is. */
  | 'keep'
  /** End access, or leave it ended. */
  | 'revoke'
  /** The user already has access: grant none and refund the payment. */
  | 'refund_duplicate'
  /** Entitled again after a failed refund or a won dispute, but a later purchase covers it: the operator decides. */
  | 'alert_covered'

/** The first payment applied gets the grant. A restored purchase never takes the grant from a later purchase. */
export const decideAccess = (
  projection: Projection,
  { ownGrant, isExpired, isCoveredByOther }: EntitlementContext,
): AccessDecision => {
  if (!projection.entitled) return 'revoke'
  if (ownGrant === 'granted') return 'keep'
  if (ownGrant === 'ended' && isExpired) return 'keep'
  if (!isCoveredByOther) return 'grant'
  return ownGrant === 'none' ? 'refund_duplicate' : 'alert_covered'
}
