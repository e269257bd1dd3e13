import { giveAccess, live, opening } from './access.ts'
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
    await giveAccess(tx, { purchaseId, userId, entityId: heir.entityId, expiresAt })
    await tx.change.create({
      data: { purchaseId, fromStatus: 'Completed', toStatus: 'Completed', cause, note: 'access given: what covered it is gone' },
    })
  }
}
