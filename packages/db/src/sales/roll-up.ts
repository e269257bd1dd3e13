import { type Db, preparedQuery } from '../client.ts'

/** The number of entries that one transaction adds. Such a transaction takes a fraction of a second. */
const batchSize = 2_000

/**
 * Adds all new entries and checkouts to the rollups and returns the number of entries. Does nothing while another process is adding
 * entries. Rollups only make reports faster; reports are complete even without rollups.
 */
export const rollUpSales = async (db: Db): Promise<number> => {
  await untilDone(() => preparedQuery<{ count: number }>(db)`select roll_up_checkouts(${batchSize}::integer) as count`)
  return untilDone(() => preparedQuery<{ count: number }>(db)`select roll_up_sales(${batchSize}::integer) as count`)
}

/** Repeats a step as long as it processes a full batch. Returns the sum of the counts. */
const untilDone = async (step: () => Promise<{ count: number }[]>): Promise<number> => {
  for (let total = 0; ; ) {
    const [row] = await step()
    total += row?.count ?? 0
    if ((row?.count ?? 0) < batchSize) return total
  }
}
