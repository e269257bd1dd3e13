import { project, SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { ChangeCause, WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { grantAccess } from './access.ts'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'
import { readAccessPeriods } from './grants/access-periods.ts'
import { expiryFrom, isCoveredByOthers } from './grants/purchase-access.ts'
import { purchaseTerms, readStoredFacts } from './json-columns.ts'
import { recordPurchaseAccessMessage } from './outbox/access-message.ts'
import { toDate } from './projection-columns.ts'
import { workflowStartColumns } from './workflow-start.ts'

type Tx = Prisma.TransactionClient

/** Matches paid purchases that give no access and have no pending refund request. */
const paidWithoutAccess = {
  status: 'Completed',
  withdrawnAt: null,
  OR: [{ grant: null }, { grant: { revokedAt: { not: null } } }],
  refundRequests: { none: { respondedAt: null } },
} satisfies Prisma.PurchaseWhereInput

/**
 * Grants access for paid purchases that the given purchase covered and whose payments could not be refunded as duplicates. Must be called
 * under the user's lock, in the transaction that revokes the given purchase's access.
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
      ...paidWithoutAccess,
      AND: { OR: [{ entityId }, { entity: { allContainers: { some: { containerId: entityId } } } }] },
    },
    orderBy: [{ completedAt: 'asc' }, { id: 'asc' }],
    include: { entity: { select: { availableFrom: true } } },
  })
  for (const row of candidates) {
    const terms = purchaseTerms(row)
    const purchase = { ...row, ...terms }
    const startsAt = toDate(project(readStoredFacts(row.id, row.facts), terms).startsAt) ?? now
    const expiresAt = expiryFrom(purchase, startsAt, now)
    if (expiresAt !== null && expiresAt <= now) continue
    if (isCoveredByOthers(purchase, await readAccessPeriods(tx, row, now), now)) continue
    await grantAccess(tx, row.id, startsAt)
    await recordPurchaseAccessMessage(tx, { type: 'access.granted', purchaseId: row.id })
    await tx.change.create({
      data: {
        ...{ purchaseId: row.id, fromStatus: 'Completed', toStatus: 'Completed', cause },
        note: 'access granted, because the grant of another purchase was revoked',
      },
    })
  }
}

/** The number of purchases that one query reads. */
const pageSize = 100

const readPaidWithoutAccess = (db: Db, after: string) => {
  const rejected = { requestedBy: SYSTEM_ACTOR, error: { not: null } }
  return db.purchase.findMany({
    where: { ...paidWithoutAccess, id: { gt: after }, refundRequests: { some: rejected, none: { respondedAt: null } } },
    orderBy: { id: 'asc' },
    take: pageSize,
    include: { entity: { select: { title: true, availableFrom: true } } },
  })
}
type PaidWithoutAccess = Awaited<ReturnType<typeof readPaidWithoutAccess>>[number]

/**
 * Returns paid purchases and free orders that give no access, whose refund as a duplicate failed or was rejected, and that other purchases
 * no longer cover. The other purchases have expired, or the entity was removed from a container. No event announces the end of the
 * coverage, so the reconciler searches for such purchases.
 */
export const uncoveredPayments = async (
  db: Db,
  now: Date,
  limit: number,
): Promise<(WorkflowStartInput & { paymentIntentId: string | null })[]> => {
  const uncovered: string[] = []
  for (let after: string | undefined = ''; after !== undefined && uncovered.length < limit; ) {
    const rows: PaidWithoutAccess[] = await readPaidWithoutAccess(db, after)
    for (const row of rows) {
      const purchase = { ...row, ...purchaseTerms(row) }
      const expiresAt = expiryFrom(purchase, row.completedAt ?? now, now)
      if (expiresAt !== null && expiresAt <= now) continue
      if (!isCoveredByOthers(purchase, await readAccessPeriods(db, row, now), now)) uncovered.push(row.id)
    }
    after = rows.length < pageSize ? undefined : rows.at(-1)?.id
  }
  const found = await db.purchase.findMany({
    where: { id: { in: uncovered.slice(0, limit) } },
    select: { ...workflowStartColumns, externalTransactionId: true },
  })
  return found.map(({ entity, externalTransactionId: paymentIntentId, ...row }) => ({
    ...row,
    title: entity.title,
    paymentIntentId,
  }))
}
