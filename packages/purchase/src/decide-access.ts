import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, type Settlement, type Status } from './project.ts'

/** Whether the money of a payment was returned to us, by a failed refund or a won dispute. */
const hasFailedRefundOrWonDispute = (facts: Facts, settlement: Settlement): boolean =>
  factsOf(facts, 'refund').some((refund) => refund.paymentIntentId === settlement.id && !isActiveRefund(refund)) ||
  factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === settlement.id && dispute.status === 'won')

/** The user's access, which the facts of this purchase do not show. */
export interface EntitlementContext {
  /** The grant of this purchase; `granted` even while it is expired. */
  ownGrant: 'none' | 'granted' | 'ended'
  /** The access that the payment gives has expired. */
  isExpired: boolean
  /** Other purchases give the same access for at least as long: `isCoveredBy`. A renewal is never covered. */
  isCoveredByOthers: boolean
  /** The buyer has withdrawn from the contract: the access has ended permanently, regardless of the refund. */
  isWithdrawn?: boolean
}

/**
 * Returns the state of the purchase's grant. A payment that was refunded or disputed before access was granted counts as an ended grant, so
 * that access can be restored; unless we requested its refund as a duplicate: it remains a duplicate.
 */
export const ownGrantState = (
  grant: { revokedAt: Date | null } | null,
  before: { status: Status; hasDuplicateRefundRequest: boolean },
  facts: Facts,
  { settlement }: Projection,
): EntitlementContext['ownGrant'] => {
  if (grant) return grant.revokedAt === null ? 'granted' : 'ended'
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
  /** Revoke access, or leave it revoked. */
  | 'revoke'
  /** Other purchases give the same access: grant none and refund the payment. */
  | 'refund_duplicate'

/**
 * Access is the union of all grants, so a payment that is refunded or disputed affects only its own access, and one that counts again restores it. Only
 * a first payment can be a duplicate.
 */
export const decideAccess = (
  projection: Pick<Projection, 'entitled'>,
  { ownGrant, isExpired, isCoveredByOthers, isWithdrawn = false }: EntitlementContext,
): AccessDecision => {
  if (!projection.entitled || isWithdrawn) return 'revoke'
  if (ownGrant === 'granted') return 'keep'
  if (ownGrant === 'ended') return isExpired ? 'keep' : 'grant'
  return isCoveredByOthers ? 'refund_duplicate' : 'grant'
}
