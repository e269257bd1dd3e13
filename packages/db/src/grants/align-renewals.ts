import { continuedUntil, isPreSold } from '@pay-to-view/purchase'
import { notifyAccess } from '../access.ts'
import type { Prisma } from '../generated/client.ts'
import { recordPurchaseAccessMessage } from '../outbox/access-message.ts'
import { readAccessPeriods } from './access-periods.ts'

/**
 * Moves renewals that have not started to the new end of the access that they continue. Must be called under the user's lock, in the
 * transaction that changes that access. Returns the ids of the moved grants.
 */
export const alignRenewals = async (tx: Prisma.TransactionClient, userId: string, now: Date): Promise<string[]> => {
  const renewals = await tx.grant.findMany({
    where: { userId, revokedAt: null, startsAt: { gt: now }, purchase: { isRenewal: true } },
    orderBy: [{ purchase: { completedAt: 'asc' } }, { id: 'asc' }],
    select: { id: true, purchaseId: true, entityId: true, startsAt: true, entity: { select: { availableFrom: true } } },
  })
  const moved: string[] = []
  for (const [index, { id, purchaseId, entityId, startsAt, entity }] of renewals.entries()) {
    const { availableFrom } = entity
    const laterIds = renewals.slice(index).map((later) => later.id)
    const before = (await readAccessPeriods(tx, { userId, entityId }, now)).filter(({ grantId }) => !laterIds.includes(grantId))
    const end = continuedUntil(before, { at: now, availableFrom })
    if (end === null || end.getTime() === startsAt.getTime()) continue
    // The renewal counts as pre-sold if the access that it continues starts with the release.
    const isSoldBefore = availableFrom !== null && startsAt >= availableFrom && isPreSold(end, availableFrom)
    await tx.grant.update({ where: { id }, data: { startsAt: end, ...(isSoldBefore && { preSold: true }) } })
    await notifyAccess(tx, userId, entityId)
    if (purchaseId !== null) await recordPurchaseAccessMessage(tx, { type: 'access.changed', purchaseId })
    moved.push(id)
  }
  return moved
}
