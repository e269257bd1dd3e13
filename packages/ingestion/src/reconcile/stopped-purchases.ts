import { stuckPurchases } from '@pay-to-view/db'
import { restartWorkflow } from './restart-workflow.ts'
import { batchSize, type ReconcileRun } from './run.ts'

/** Starts workflows for pending purchases that have none. */
export const restartStoppedPurchases = async (run: ReconcileRun): Promise<void> => {
  await run.forEach(await stuckPurchases(run.db, run.now, batchSize), async (purchase) => {
    const detail = `the deadline of its checkout is ${purchase.checkoutDeadline.toISOString()}`
    if (await restartWorkflow(run, purchase)) run.recordRepair('stopped_purchase', purchase.id, detail)
  })
}
