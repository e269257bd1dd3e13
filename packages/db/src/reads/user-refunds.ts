import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'

const columns = {
  id: true,
  purchaseId: true,
  amount: true,
  status: true,
  createdAt: true,
  purchase: { select: { currency: true, currencyPaid: true, entityId: true, entity: { select: { title: true } } } },
} satisfies Prisma.RefundSelect

export interface RefundPosition {
  createdAt: Date
  id: string
}

/** Returns at most `limit` refunds of a user's purchases, newest first. */
export const userRefunds = async (db: Db, userId: string, before: RefundPosition | null, limit: number) => {
  const rows = await db.refund.findMany({
    where: {
      purchase: { userId },
      ...(before && {
        OR: [{ createdAt: { lt: before.createdAt } }, { createdAt: before.createdAt, id: { lt: before.id } }],
      }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
    select: columns,
  })
  const requests = await db.refundRequest.findMany({
    where: { refundId: { in: rows.map(({ id }) => id) } },
    select: { refundId: true, reason: true, requestedBy: true },
  })
  return rows.map(({ purchase, ...refund }) => {
    const request = requests.find(({ refundId }) => refundId === refund.id)
    return {
      ...refund,
      currency: purchase.currencyPaid ?? purchase.currency,
      entityId: purchase.entityId,
      entityTitle: purchase.entity.title,
      /** Null if the refund was created directly in Stripe. */
      requestedBy: request?.requestedBy ?? null,
      reason: request?.reason ?? null,
    }
  })
}
