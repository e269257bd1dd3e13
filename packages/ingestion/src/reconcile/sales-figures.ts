import { rollUpSales } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/** Updates the rollups, which keep reports fast. Reports are complete without them, so one update per reconciler run is enough. */
export const updateSalesFigures = async ({ db, scope }: ReconcileRun): Promise<void> => {
  if (scope.dryRun) return
  await rollUpSales(db)
}
