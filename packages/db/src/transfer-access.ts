import type { ChangeCause, WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { grantAccess, isCoveredByOther } from './access.ts'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'
import { recordPurchaseAccessMessage } from './outbox/access-message.ts'
import { workflowStartColumns } from './workflow-start.ts'

type Tx = Prisma.TransactionClient

/**
 * Grants access for paid purchases that had none because the given purchase covered them, and whose payments could not be refunded as
 * duplicates. Called under the user's lock, in the transaction that revokes the access of the given purchase.
 */
export const transferAccess = async (
  tx: Tx,
  revoked: { id: string; userId: string; entityId: string },
  cause: Extract<ChangeCause, { kind: 'access_transferred' }>,
): Promise<void> => {
  const now = new Date()
  const { userId, entityId } = revoked
  const candidates = await tx.purchase.findMany({
    where: {
      id: { not: revoked.id },
      userId,
      status: 'Completed',
      AND: [
        { OR: [{ entityId }, { entity: { allContainers: { some: { containerId: entityId } } } }] },
        { OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
        { OR: [{ grant: null }, { grant: { endedAt: { not: null } } }] },
      ],
      refundRequests: { none: { respondedAt: null } },
    },
    orderBy: [{ completedAt: 'asc' }, { id: 'asc' }],
    select: { id: true, userId: true, entityId: true, expiresAt: true },
  })
  for (const purchase of candidates) {
    if (await isCoveredByOther(tx, purchase, now)) continue
    const { id: purchaseId, expiresAt } = purchase
    await grantAccess(tx, { purchaseId, userId, entityId: purchase.entityId, expiresAt })
    await recordPurchaseAccessMessage(tx, { type: 'access.granted', purchaseId })
    await tx.change.create({
      data: {
        ...{ purchaseId, fromStatus: 'Completed', toStatus: 'Completed', cause },
        note: 'access granted: the purchase that covered it was revoked',
      },
    })
  }
}

/**
 * Paid purchases and free orders without access whose covering grant has expired in a period, or whose entity was removed from its container. No event
 * announces either, so the reconciler looks for them.
 */
export const uncoveredPayments = async (
  db: Db,
  { since, now }: { since: Date; now: Date },
  limit: number,
): Promise<(WorkflowStartInput & { paymentIntentId: string | null })[]> => {
  const uncovered = await db.$queryRaw<{ id: string }[]>`
    SELECT purchase.id FROM purchases AS purchase
    WHERE purchase.id IN (
        SELECT covered.id FROM grants AS expired
        JOIN purchases AS covered ON covered.user_id = expired.user_id AND covered.id <> expired.purchase_id
        WHERE expired.ended_at IS NULL AND expired.expires_at > ${since} AND expired.expires_at <= ${now} AND (
          covered.entity_id = expired.entity_id OR EXISTS (
            SELECT FROM containments WHERE member_id = covered.entity_id AND container_id = expired.entity_id
          )
        )
        UNION ALL
        SELECT covered.id FROM containments AS removed JOIN purchases AS covered ON covered.entity_id = removed.member_id
        WHERE removed.removed_at > ${since} AND removed.removed_at <= ${now}
      )
      AND purchase.status = 'Completed' AND (purchase.expires_at IS NULL OR purchase.expires_at > ${now})
      AND NOT EXISTS (SELECT FROM grants WHERE grants.purchase_id = purchase.id AND grants.ended_at IS NULL)
      AND NOT EXISTS (SELECT FROM active_grants(purchase.user_id, purchase.entity_id, ${now}))
      AND NOT EXISTS (
        SELECT FROM refund_requests AS pending WHERE pending.purchase_id = purchase.id AND pending.responded_at IS NULL
      )
    ORDER BY purchase.id LIMIT ${limit}`
  const rows = await db.purchase.findMany({
    where: { id: { in: uncovered.map(({ id }) => id) } },
    select: { ...workflowStartColumns, externalTransactionId: true },
  })
  return rows.map(({ entity, externalTransactionId: paymentIntentId, ...row }) => ({
    ...row,
    title: entity.title,
    paymentIntentId,
  }))
}
