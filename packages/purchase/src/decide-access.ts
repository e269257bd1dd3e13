import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, type Settlement, type Status } from './project.ts'

/** Whether a failed refund or a won dispute returned a payment's money to the seller. */
const hasFailedRefundOrWonDispute = (facts: Facts, settlement: Settlement): boolean =>
  factsOf(facts, 'refund').some((refund) => refund.paymentIntentId === settlement.id && !isActiveRefund(refund)) ||
  factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === settlement.id && dispute.status === 'won')

/** The state of the user's access that does not follow from the purchase's facts. */
export interface EntitlementContext {
  /** The state of this purchase's grant. An expired grant still counts as `granted`. */
  ownGrant: 'none' | 'granted' | 'ended'
  /** Whether the access that the payment gives has already expired. */
  isExpired: boolean
  /** Whether other purchases give the same access for at least as long (`isCoveredBy`). A renewal is never covered. */
  isCoveredByOthers: boolean
  /** Whether the buyer has withdrawn from the contract, which ends the access permanently, regardless of the refund. */
  isWithdrawn?: boolean
}

/**
 * Returns the state of the purchase's grant. If a payment was refunded or disputed before access was granted, the grant counts as `ended`,
 * so access can be restored. This does not apply to a payment whose refund was requested as a duplicate: it stays a duplicate.
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

/** The decision about a purchase's grant when facts are applied. */
export type AccessDecision =
  /** Grant or restore access. */
  | 'grant'
  /** Leave access unchanged. */
  | 'keep'
  /** Revoke access, or leave it revoked. */
  | 'revoke'
  /** Grant no access and refund the payment, because other purchases give the same access. */
  | 'refund_duplicate'

/**
 * Decides what happens to a purchase's grant. Access is the union of all grants, so a refund or dispute affects only the grant of its own
 * purchase. That grant is restored if the refund fails or the dispute is won. A payment can be a duplicate only if its purchase has not had
 * a grant.
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
