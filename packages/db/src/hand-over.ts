import { live, notifyAccess, opening } from './access.ts'
import type { Prisma } from './generated/client.ts'
import type { Cause } from './stored.ts'

type Tx = Prisma.TransactionClient

/**
 * A purchase has lost its access. Where its user has paid for the same a second time and the money could not be given back (the refund of
 * the duplicate failed), that payment now gives what it was paid for. Under the user's lock, in the transaction that takes access away.
 */
export const handOver = async (
  tx: Tx,
  lost: { id: string; userId: string; entityId: string },
  cause: Extract<Cause, { kind: 'inherited' }>,
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
      refundRequests: { none: { answeredAt: null } },
    },
    orderBy: [{ completedAt: 'asc' }, { id: 'asc' }],
    select: { id: true, entityId: true, expiresAt: true, entity: { select: { id: true, channelId: true } } },
  })
  for (const heir of heirs) {
    const covered = await tx.grant.count({ where: { userId, entityId: { in: opening(heir.entity) }, ...live(now) } })
    if (covered > 0) continue
    const { id: purchaseId, expiresAt } = heir
    // One that is past its end stands in the way of the unique index only.
    await tx.$executeRaw`UPDATE grants SET ended_at = expires_at
      WHERE user_id = ${userId} AND entity_id = ${heir.entityId} AND ended_at IS NULL AND expires_at <= ${now} AND purchase_id <> ${purchaseId}`
    await tx.grant.upsert({
      where: { purchaseId },
      create: { purchaseId, userId, entityId: heir.entityId, expiresAt },
      update: { expiresAt, endedAt: null },
    })
    await notifyAccess(tx, userId, heir.entityId)
    await tx.change.create({
      data: { purchaseId, fromStatus: 'Completed', toStatus: 'Completed', cause, note: 'access given: what covered it is gone' },
    })
  }
}
