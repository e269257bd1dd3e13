import type { Db } from '../client.ts'
import { readCursor } from '../cursors.ts'
import type { Prisma } from '../generated/client.ts'
import { blockImports } from '../import-purchases/import-lock.ts'

type Tx = Prisma.TransactionClient

/** The names of the cursors that store the times up to which Stripe's balance transactions and payouts have been read. */
export const balanceCursor = 'stripe-balance'
export const payoutsCursor = 'stripe-payouts'

/**
 * Returns a cursor's time. A missing cursor is created at the time of the oldest payment. While an import is running, no cursor is created,
 * and null is returned.
 */
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

/**
 * Moves the cursors back to a given time if they are later, so the reconciler reads the balance transactions and payouts since then again.
 */
export const rereadSales = async (tx: Tx, since: Date): Promise<void> => {
  await tx.cursor.updateMany({ where: { name: { in: [balanceCursor, payoutsCursor] }, at: { gt: since } }, data: { at: since } })
}
