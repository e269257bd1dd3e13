import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, type Settlement, type Status } from './project.ts'

/** Whether a payment's money came back to the seller, through a failed refund or a won dispute. */
const hasFailedRefundOrWonDispute = (facts: Facts, settlement: Settlement): boolean =>
  factsOf(facts, 'refund').some((refund) => refund.paymentIntentId === settlement.id && !isActiveRefund(refund)) ||
  factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === settlement.id && dispute.status === 'won')

/** The state of the user's access, which does not follow from the facts of this purchase. */
export interface EntitlementContext {
  /** The grant of this purchase; `granted` even if it has expired. */
  ownGrant: 'none' | 'granted' | 'ended'
  /** Whether the access that the payment gives has expired. */
  isExpired: boolean
  /** Whether other purchases give the same access for at least as long (`isCoveredBy`). A renewal is never covered. */
  isCoveredByOthers: boolean
  /** Whether the buyer has withdrawn from the contract, which ends the access permanently, regardless of the refund. */
  isWithdrawn?: boolean
}

/**
 * Returns the state of the purchase's grant. A payment that was refunded or disputed before access was granted counts as an ended grant, so
 * access can be restored. This does not apply if its refund was requested as a duplicate: it remains a duplicate.
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
  /** Leave access unchanged. */
  | 'keep'
  /** Revoke access, or leave it revoked. */
  | 'revoke'
  /** Other purchases give the same access: grant none and refund the payment. */
  | 'refund_duplicate'

/**
 * Access is the union of all grants, so a refunded or disputed payment affects only its own access, and restores it if it counts again.
 * Only a first payment can be a duplicate.
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
