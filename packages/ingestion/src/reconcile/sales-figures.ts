import { backfillSales, rollUpSales } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/**
 * One run records the missing sales entries of this many purchases at most, which takes a few seconds. Purchases of early versions have no
 * entries.
 */
const backfillBatch = 2_000

/**
 * Updates the rollups, which keep reports fast. Reports are complete without the rollups, so updating them in each reconciler run is often
 * enough.
 */
export const updateSalesFigures = async ({ db, scope }: ReconcileRun): Promise<void> => {
  if (scope.dryRun) return
  await backfillSales(db, backfillBatch)
  await rollUpSales(db)
}
