import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

/** The name of the cursor that stores the time up to which Stripe's events have been compared with the event ledger. */
export const stripeEventsCursor = 'stripe-events'

/** Returns how far a recurring job has progressed, or null before the job's first run. */
export const readCursor = async (db: Db, name: string): Promise<Date | null> =>
  (await db.cursor.findUnique({ where: { name } }))?.at ?? null

/** Moves a cursor unless another transaction has moved it away from `from`. Returns whether it was moved. */
export const advanceCursor = async (tx: Db | Prisma.TransactionClient, name: string, from: Date, to: Date): Promise<boolean> => {
  const { count } = await tx.cursor.updateMany({ where: { name, at: from }, data: { at: to } })
  return count > 0
}

export const moveCursor = async (db: Db, name: string, at: Date): Promise<void> => {
  await db.cursor.upsert({ where: { name }, create: { name, at }, update: { at } })
}
