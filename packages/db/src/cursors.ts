import type { Db } from './client.ts'

/** The name of the cursor with the time up to which Stripe's events have been compared with the event ledger. */
export const stripeEventsCursor = 'stripe-events'

/** How far a recurring job has progressed; null before its first run. */
export const readCursor = async (db: Db, name: string): Promise<Date | null> =>
  (await db.cursor.findUnique({ where: { name } }))?.at ?? null

export const moveCursor = async (db: Db, name: string, at: Date): Promise<void> => {
  await db.cursor.upsert({ where: { name }, create: { name, at }, update: { at } })
}
