import { markWorkflowStarted } from '@pay-to-view/db'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type { ReconcileRun } from './run.ts'

/** Starts a purchase's workflow and returns true if the workflow was not running. */
export const restartWorkflow = async ({ db, purchases, scope }: ReconcileRun, purchase: WorkflowStartInput): Promise<boolean> => {
  if (scope.dryRun) return !(await purchases.isRunning(purchase.id))
  const started = await purchases.start(purchase)
  await markWorkflowStarted(db, purchase.id)
  return started
}
