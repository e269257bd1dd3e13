import { type AccessDecision, decideAccess, ownGrantState, SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { grantAccess, notifyAccess } from '../access.ts'
import { raiseAlert } from '../alerts.ts'
import { readAccessPeriods } from '../grants/access-periods.ts'
import { alignRenewals } from '../grants/align-renewals.ts'
import { periodOf } from '../grants/grant-times.ts'
import { expiryFrom, isCoveredByOthers, purchaseStart, purchasesWithSameAccess } from '../grants/purchase-access.ts'
import { purchaseTerms } from '../json-columns.ts'
import { recordPurchaseAccessMessage } from '../outbox/access-message.ts'
import { accessStart, toDate } from '../projection-columns.ts'
import { type ApplyContext, refundAndDisputeStatuses } from './load-context.ts'
import { hasDuplicateRefundRequest, requestDuplicateRefund } from './refund-duplicates.ts'

/** The timeline's note for access that is granted for the first time. */
export const accessGrantedNote = 'access granted'

const paidPurchase = ({ purchase }: ApplyContext) => ({ ...purchase, ...purchaseTerms(purchase) })

/** Returns when the purchase's access expires, even if the access has not been granted yet. */
const accessExpiry = (context: ApplyContext): Date | null => {
  const { purchase, projection, now } = context
  if (purchase.grant) return periodOf(purchase.grant, purchase.entity.availableFrom).expiresAt
  return expiryFrom(paidPurchase(context), toDate(projection.startsAt) ?? now, now)
}

/** Decides what to do with the purchase's grant, based on the projection and the user's other grants. */
export const decidePurchaseAccess = async (context: ApplyContext): Promise<AccessDecision> => {
  const { tx, purchase, facts, projection, now } = context
  const expiresAt = accessExpiry(context)
  return decideAccess(projection, {
    ownGrant: ownGrantState(
      purchase.grant,
      { status: purchase.status, hasDuplicateRefundRequest: await hasDuplicateRefundRequest(context) },
      facts,
      projection,
    ),
    isExpired: expiresAt !== null && expiresAt <= now,
    isWithdrawn: purchase.withdrawnAt !== null,
    isCoveredByOthers: isCoveredByOthers(paidPurchase(context), await readAccessPeriods(tx, purchase, now), now),
  })
}

/** Moves the start of access if a late snapshot shows an earlier payment time. Access then also expires earlier. */
const updateStart = async ({ tx, purchase, projection }: ApplyContext): Promise<string | null> => {
  const { id: purchaseId, userId, entityId, isRenewal } = purchase
  const startsAt = toDate(projection.startsAt)
  if (isRenewal || startsAt === null) return null
  const { count } = await tx.grant.updateMany({
    where: { purchaseId, revokedAt: null, startsAt: { gt: startsAt } },
    data: { startsAt },
  })
  if (count === 0) return null
  await notifyAccess(tx, userId, entityId)
  await recordPurchaseAccessMessage(tx, { type: 'access.changed', purchaseId })
  return 'Stripe reported an earlier time of payment, so access now starts at that time'
}

/** Returns the time at which access starts. A renewal that is restored after it has started keeps its original start. */
const startOfAccess = async (context: ApplyContext): Promise<Date> => {
  const { tx, purchase, projection, now } = context
  const paidAt = accessStart(projection, now) ?? now
  const { grant } = purchase
  if (!grant || !purchase.isRenewal) return purchaseStart(tx, paidPurchase(context), paidAt)
  return grant.startsAt <= now ? grant.startsAt : purchaseStart(tx, paidPurchase(context), now)
}

/**
 * Whether access is restored rather than granted for the first time. The status is checked too, because a payment that was disputed
 * immediately has no grant.
 */
const isRestored = ({ grant, status }: ApplyContext['purchase']): boolean =>
  grant !== null || status === 'Disputed' || status === 'ChargedBack' || status === 'Refunded'

const grant = async (context: ApplyContext): Promise<string> => {
  const { tx, purchase, projection, now } = context
  const { id: purchaseId } = purchase
  await grantAccess(tx, purchaseId, await startOfAccess(context))
  await recordPurchaseAccessMessage(tx, { type: 'access.granted', purchaseId })
  if (!isRestored(purchase)) {
    const expiresAt = accessExpiry(context)
    if (expiresAt === null || expiresAt > now) return accessGrantedNote
    await raiseAlert(tx, purchaseId, 'paid_too_late', projection.settlement?.id ?? '', { expiresAt: expiresAt.toISOString() })
    return 'paid, but the access had expired before it could be granted: an operator must decide'
  }
  const purchases = await purchasesWithSameAccess(tx, purchase, now)
  if (purchases.length > 0)
    await raiseAlert(tx, purchaseId, 'restored_but_covered', refundAndDisputeStatuses(context), { purchases })
  return 'access restored'
}

const revoke = async ({ tx, purchase, projection, now }: ApplyContext): Promise<string | null> => {
  const { id: purchaseId, userId, entityId } = purchase
  const { count } = await tx.grant.updateMany({
    where: { purchaseId, revokedAt: null },
    data: { revokedAt: now, revokedBy: SYSTEM_ACTOR, revokedReason: projection.status },
  })
  if (count === 0) return null
  await notifyAccess(tx, userId, entityId)
  await recordPurchaseAccessMessage(tx, { type: 'access.revoked', purchaseId })
  return 'access revoked'
}

const carryOut = async (context: ApplyContext, decision: AccessDecision): Promise<string | null> => {
  const { settlement } = context.projection
  switch (decision) {
    case 'grant':
      return grant(context)
    case 'keep':
      return updateStart(context)
    case 'revoke':
      return revoke(context)
    case 'refund_duplicate':
      return settlement && requestDuplicateRefund(context, settlement)
    default:
      return decision satisfies never
  }
}

/** Carries out the decision. Returns a note for the timeline (null if nothing changed) and the change to the user's access. */
export const applyAccessDecision = async (
  context: ApplyContext,
  decision: AccessDecision,
): Promise<{ note: string | null; change: NonNullable<PurchaseView['change']>['access'] }> => {
  const note = await carryOut(context, decision)
  if (note === null) return { note, change: null }
  if (decision !== 'refund_duplicate') await alignRenewals(context.tx, context.purchase.userId, context.now)
  return { note, change: decision === 'grant' ? 'granted' : decision === 'revoke' ? 'revoked' : null }
}
