import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { waitForImports } from '../import-purchases/import-lock.ts'

type Tx = Prisma.TransactionClient

/** For transactions that wait for imports. In milliseconds. */
export const waitOptions = { maxWait: 10_000, timeout: 60_000 }

/** The cursors of the times up to which Stripe's balance transactions and payouts were read. */
export const balanceCursor = 'stripe-balance'
export const payoutsCursor = 'stripe-payouts'

/** Returns a cursor's time. A new cursor starts at the oldest payment. */
export const openSalesCursor = (db: Db, name: typeof balanceCursor | typeof payoutsCursor, now: Date): Promise<Date> =>
  db.$transaction(async (tx) => {
    await waitForImports(tx)
    const cursor = await tx.cursor.findUnique({ where: { name } })
    if (cursor) return cursor.at
    const { _min: oldest } = await tx.purchase.aggregate({ _min: { completedAt: true } })
    const { at } = await tx.cursor.create({ data: { name, at: oldest.completedAt ?? now } })
    return at
  }, waitOptions)

/** Makes the reconciler read balance transactions and payouts since a given time again, if it has already read them. */
export const rereadSales = async (tx: Tx, since: Date): Promise<void> => {
  await tx.cursor.updateMany({ where: { name: { in: [balanceCursor, payoutsCursor] }, at: { gt: since } }, data: { at: since } })
}
