import type { Db } from '../client.ts'
import { readCursor } from '../cursors.ts'
import type { Prisma } from '../generated/client.ts'
import { blockImports } from '../import-purchases/import-lock.ts'

type Tx = Prisma.TransactionClient

/** The cursors of the times up to which Stripe's balance transactions and payouts were read. */
export const balanceCursor = 'stripe-balance'
export const payoutsCursor = 'stripe-payouts'

/** Returns a cursor's time. A new cursor starts at the oldest payment; it is not created, and null is returned, while an import is running. */
export const openSalesCursor = async (
  db: Db,
  name: typeof balanceCursor | typeof payoutsCursor,
  now: Date,
): Promise<Date | null> =>
  (await readCursor(db, name)) ??
  db.$transaction(async (tx) => {
    if (!(await blockImports(tx))) return null
    const { _min: oldest } = await tx.purchase.aggregate({ _min: { completedAt: true } })
    const { at } = await tx.cursor.create({ data: { name, at: oldest.completedAt ?? now } })
    return at
  })

/** Makes the reconciler read balance transactions and payouts since a given time again, if it has already read them. */
export const rereadSales = async (tx: Tx, since: Date): Promise<void> => {
  await tx.cursor.updateMany({ where: { name: { in: [balanceCursor, payoutsCursor] }, at: { gt: since } }, data: { at: since } })
}
