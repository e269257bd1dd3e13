import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

type Tx = Prisma.TransactionClient

/** The key that makes an alert unique: one per purchase, kind and subject, such as a payment or a dispute. */
export const alertKey = (purchaseId: string, kind: string, subject: string): string => `${kind}:${purchaseId}:${subject}`

/** Raises an alert once. Returns false if it was raised before, even if it has been resolved since. */
export const raiseAlert = async (
  tx: Db | Tx,
  purchaseId: string,
  kind: string,
  subject: string,
  detail: Prisma.InputJsonObject,
): Promise<boolean> => {
  const { count } = await tx.alert.createMany({
    data: [{ kind, purchaseId, dedupeKey: alertKey(purchaseId, kind, subject), detail }],
    skipDuplicates: true,
  })
  return count > 0
}

/** Resolves an alert for an operator. Returns false if it does not exist or is resolved already. */
export const resolveAlert = async (db: Db, id: bigint, by: string): Promise<boolean> => {
  const { count } = await db.alert.updateMany({
    where: { id, resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: by },
  })
  return count > 0
}
