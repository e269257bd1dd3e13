import { backfillSales, rollUpSales } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/** The number of purchases from before sales entries existed whose entries are recorded in one run. This takes some seconds. */
const backfillBatch = 2_000

/** Updates the rollups, which keep reports fast. Reports are complete without them, so updating them with the reconciler is often enough. */
export const updateSalesFigures = async ({ db, scope }: ReconcileRun): Promise<void> => {
  if (scope.dryRun) return
  await backfillSales(db, backfillBatch)
  await rollUpSales(db)
}
