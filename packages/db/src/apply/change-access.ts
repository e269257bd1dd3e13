import { type AccessDecision, decideAccess, ownGrantState } from '@pay-to-view/purchase'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { grantAccess, isCoveredByOther, notifyAccess, purchasesOfMembers } from '../access.ts'
import { raiseAlert } from '../alerts.ts'
import { recordPurchaseAccessMessage } from '../outbox/access-message.ts'
import { toDate } from '../projection-columns.ts'
import { type ApplyContext, refundAndDisputeStatuses } from './load-context.ts'
import { hasDuplicateRefundRequest, requestDuplicateRefund } from './refund-duplicates.ts'

/** The note of the audit log when access is granted for the first time. */
export const accessGrantedNote = 'access granted'

/** Decides what the projection means for the grant, given the user's other grants. */
export const decidePurchaseAccess = async (context: ApplyContext): Promise<AccessDecision> => {
  const { tx, purchase, facts, projection, now } = context
  return decideAccess(projection, {
    ownGrant: ownGrantState(
      purchase.grant,
      { status: purchase.status, hasDuplicateRefundRequest: await hasDuplicateRefundRequest(context) },
      facts,
      projection,
    ),
    isExpired: projection.expiresAt !== null && projection.expiresAt * 1000 <= now.getTime(),
    isCoveredByOther: await isCoveredByOther(tx, purchase, now),
  })
}

/** A snapshot that shows the payment at an earlier time may arrive late. The access then expires earlier, too. */
const updateExpiry = async ({ tx, purchase, projection }: ApplyContext): Promise<string | null> => {
  const { id: purchaseId, userId, entityId } = purchase
  const expiresAt = toDate(projection.expiresAt)
  const { count } = await tx.grant.updateMany({
    where: { purchaseId, endedAt: null, NOT: { expiresAt } },
    data: { expiresAt },
  })
  if (count === 0) return null
  await notifyAccess(tx, userId, entityId)
  await recordPurchaseAccessMessage(tx, { type: 'access.changed', purchaseId })
  return 'access expiry moved to match an earlier time of payment'
}

const grant = async (context: ApplyContext): Promise<string> => {
  const { tx, purchase, projection } = context
  const { id: purchaseId, userId, entityId } = purchase
  const expiresAt = toDate(projection.expiresAt)
  await grantAccess(tx, { purchaseId, userId, entityId, expiresAt })
  await recordPurchaseAccessMessage(tx, { type: 'access.granted', purchaseId })
  if (!purchase.grant) {
    if (expiresAt === null || expiresAt > new Date()) return accessGrantedNote
    await raiseAlert(tx, purchaseId, 'paid_too_late', projection.settlement?.id ?? '', { expiresAt: expiresAt.toISOString() })
    return 'paid, but the access had expired before it was granted: for the operator to decide'
  }
  const purchases = await purchasesOfMembers(tx, userId, entityId)
  if (purchases.length > 0)
    await raiseAlert(tx, purchaseId, 'restored_over_members', refundAndDisputeStatuses(context), { purchases })
  return 'access restored'
}

const revoke = async ({ tx, purchase }: ApplyContext): Promise<string | null> => {
  const { id: purchaseId, userId, entityId } = purchase
  const { count } = await tx.grant.updateMany({ where: { purchaseId, endedAt: null }, data: { endedAt: new Date() } })
  if (count === 0) return null
  await notifyAccess(tx, userId, entityId)
  await recordPurchaseAccessMessage(tx, { type: 'access.revoked', purchaseId })
  return 'access revoked'
}

const alertCovered = async (context: ApplyContext): Promise<string | null> => {
  const { tx, purchase, projection } = context
  const isNew = await raiseAlert(tx, purchase.id, 'restored_but_covered', refundAndDisputeStatuses(context), {
    status: projection.status,
  })
  return isNew ? 'paid again, but a later purchase covers it: no access and no refund, for the operator to decide' : null
}

const carryOut = async (context: ApplyContext, decision: AccessDecision): Promise<string | null> => {
  const { settlement } = context.projection
  switch (decision) {
    case 'grant':
      return grant(context)
    case 'keep':
      return updateExpiry(context)
    case 'revoke':
      return revoke(context)
    case 'refund_duplicate':
      return settlement && requestDuplicateRefund(context, settlement)
    case 'alert_covered':
      return alertCovered(context)
    default:
      return decision satisfies never
  }
}

/** Carries out the decision. Returns a note for the audit log, null if nothing happened, and what has changed for the user. */
export const applyAccessDecision = async (
  context: ApplyContext,
  decision: AccessDecision,
): Promise<{ note: string | null; change: NonNullable<PurchaseView['change']>['access'] }> => {
  const note = await carryOut(context, decision)
  if (note === null) return { note, change: null }
  return { note, change: decision === 'grant' ? 'granted' : decision === 'revoke' ? 'revoked' : null }
}
