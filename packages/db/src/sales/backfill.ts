import type { Db } from '../client.ts'
import { updateSales } from './update-sales.ts'

/**
 * The name of the backfill's cursor. Sales entries have been recorded for purchases that were created up to the cursor's time. A migration
 * creates the cursor, and the backfill deletes it when it is complete.
 */
const backfillCursor = 'sales-backfill'

export const isBackfillPending = async (db: Db): Promise<boolean> =>
  (await db.cursor.findUnique({ where: { name: backfillCursor } })) !== null

const batchSize = 100

/** Records the sales entries of about `limit` purchases that were created before sales entries were introduced. */
export const backfillSales = async (db: Db, limit: number): Promise<void> => {
  const cursor = await db.cursor.findUnique({ where: { name: backfillCursor } })
  if (cursor === null) return
  const rows = await db.$queryRaw<{ id: string; createdAt: Date; isPaid: boolean }[]>`
    SELECT id, created_at AS "createdAt", completed_at IS NOT NULL AS "isPaid" FROM purchases WHERE created_at > ${cursor.at}
    ORDER BY created_at FETCH FIRST ${limit} ROWS WITH TIES`
  const paid = rows.filter(({ isPaid }) => isPaid).map(({ id }) => id)
  for (let start = 0; start < paid.length; start += batchSize) await updateSales(db, paid.slice(start, start + batchSize))
  const last = rows.at(-1)
  if (last && rows.length >= limit) await db.cursor.update({ where: { name: backfillCursor }, data: { at: last.createdAt } })
  else await db.cursor.delete({ where: { name: backfillCursor } })
}
