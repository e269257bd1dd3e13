import { backfillSales, rollUpSales } from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/** The number of purchases older than the sales entries that get theirs in one run, which takes some seconds. */
const backfillBatch = 2_000

/** Keeps the reports fast. They are complete without it, so it is enough to run with the reconciler. */
export const updateSalesFigures = async ({ db, scope }: ReconcileRun): Promise<void> => {
  if (scope.dryRun) return
  await backfillSales(db, backfillBatch)
  await rollUpSales(db)
}
