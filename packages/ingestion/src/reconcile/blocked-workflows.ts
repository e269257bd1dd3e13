import { updateBlockedWorkflowAlerts } from '@pay-to-view/db'
import { batchSize, type ReconcileRun } from './run.ts'

/**
 * Alerts the operator to purchases whose workflow tasks keep failing. Otherwise, the failures would go unnoticed until the purchase's next
 * event.
 */
export const alertBlockedWorkflows = async ({ db, purchases, scope }: ReconcileRun): Promise<void> => {
  const blocked = await purchases.listBlocked(batchSize)
  if (blocked !== null && !scope.dryRun) await updateBlockedWorkflowAlerts(db, blocked)
}
