import { type Db, preparedQuery } from '../client.ts'

/** Entries that are added at a time: one transaction of a fraction of a second. */
const batchSize = 2_000

/**
 * Adds all new entries to the rollups, and returns how many. While another process does the same, it adds none. Reports are complete without it:
 * it keeps them fast.
 */
export const rollUpSales = async (db: Db): Promise<number> => {
  for (let total = 0; ; ) {
    const [row] = await preparedQuery<{ count: number }>(db)`select roll_up_sales(${batchSize}::integer) as count`
    total += row?.count ?? 0
    if ((row?.count ?? 0) < batchSize) return total
  }
}
