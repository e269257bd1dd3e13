import { backfillSales, rollUpSales } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/**
 * The maximum number of purchases whose missing sales entries one run records, which takes a few seconds. Purchases from earlier versions
 * have no entries.
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
