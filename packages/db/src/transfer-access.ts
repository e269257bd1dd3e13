import type { ChangeCause, WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { activeGrants, grantAccess, grantingEntityIds } from './access.ts'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'
import { workflowStartColumns } from './workflow-start.ts'

type Tx = Prisma.TransactionClient

/**
 * A purchase has lost its access. Where its user has paid for the same a second time and the money could not be given back (the refund of
 * the duplicate failed), that payment now gives what it was paid for. Under the user's lock, in the transaction that takes access away.
 */
export const transferAccess = async (
  tx: Tx,
  lost: { id: string; userId: string; entityId: string },
  cause: Extract<ChangeCause, { kind: 'access_transferred' }>,
): Promise<void> => {
  const now = new Date()
  const { userId, entityId } = lost
  const heirs = await tx.purchase.findMany({
    where: {
      id: { not: lost.id },
      userId,
      status: 'Completed',
      entity: { OR: [{ id: entityId }, { channelId: entityId }] },
      AND: [
        { OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
        { OR: [{ grant: null }, { grant: { endedAt: { not: null } } }] },
      ],
      refundRequests: { none: { respondedAt: null } },
    },
    orderBy: [{ completedAt: 'asc' }, { id: 'asc' }],
    select: { id: true, entityId: true, expiresAt: true, entity: { select: { id: true, channelId: true } } },
  })
  for (const heir of heirs) {
    const covered = await tx.grant.count({
      where: { userId, entityId: { in: grantingEntityIds(heir.entity) }, ...activeGrants(now) },
    })
    if (covered > 0) continue
    const { id: purchaseId, expiresAt } = heir
    await grantAccess(tx, { purchaseId, userId, entityId: heir.entityId, expiresAt })
    await tx.change.create({
      data: { purchaseId, fromStatus: 'Completed', toStatus: 'Completed', cause, note: 'access given: what covered it is gone' },
    })
  }
}

/**
 * Purchases that were paid and give nothing because something else gave the same, which has ended in time since then: nothing tells of
 * that moment, so it is looked for.
 */
export const uncoveredPayments = async (
  db: Db,
  { since, now }: { since: Date; now: Date },
  limit: number,
): Promise<(WorkflowStartInput & { payment: string })[]> => {
  const heirs = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT heir.id FROM grants AS past
    JOIN purchases AS heir ON heir.user_id = past.user_id AND heir.id <> past.purchase_id
      AND heir.status = 'Completed' AND (heir.expires_at IS NULL OR heir.expires_at > ${now})
    JOIN entities AS entity ON entity.id = heir.entity_id AND past.entity_id IN (entity.id, entity.channel_id)
    WHERE past.ended_at IS NULL AND past.expires_at > ${since} AND past.expires_at <= ${now}
      AND NOT EXISTS (
        SELECT FROM grants AS given WHERE given.user_id = heir.user_id AND given.ended_at IS NULL
          AND (given.purchase_id = heir.id
            OR given.entity_id IN (entity.id, entity.channel_id) AND (given.expires_at IS NULL OR given.expires_at > ${now}))
      )
      AND NOT EXISTS (SELECT FROM refund_requests AS due WHERE due.purchase_id = heir.id AND due.responded_at IS NULL)
    ORDER BY heir.id LIMIT ${limit}`
  const rows = await db.purchase.findMany({
    where: { id: { in: heirs.map(({ id }) => id) } },
    select: { ...workflowStartColumns, externalTransactionId: true },
  })
  return rows.flatMap(({ entity, externalTransactionId: payment, ...row }) =>
    payment === null ? [] : [{ ...row, title: entity.title, payment }],
  )
}
