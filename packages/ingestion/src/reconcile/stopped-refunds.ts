import { stuckRefunds } from '@pay-to-view/db'
import { restartWorkflow } from './restart-workflow.ts'
import { batchSize, type ReconcileRun } from './run.ts'

/** Starts the workflows of purchases with refund requests that no workflow is executing. */
export const restartStoppedRefunds = async (run: ReconcileRun): Promise<void> => {
  const stopped = (await stuckRefunds(run.db, run.now, batchSize)).map((refund) => ({ ...refund, id: refund.purchase.id }))
  await run.forEach(stopped, async ({ requestId, purchase }) => {
    if (await restartWorkflow(run, purchase)) run.recordRepair('stopped_refund', purchase.id, requestId)
  })
}
