import { purchaseIdOfWorkflow } from '@pay-to-view/purchase'
import type { Client } from '@temporalio/client'
import { isInvalidArgument } from './errors.ts'
import { purchaseWorkflow } from './messages.ts'

/**
 * The purchase ids of open workflows whose tasks keep failing, so they cannot make progress. Null if the server does not report such
 * workflows, because it has no `TemporalReportedProblems` search attribute.
 */
export const listBlockedWorkflows = async (client: Client, taskQueue: string, limit: number): Promise<string[] | null> => {
  const query = `WorkflowType = "${purchaseWorkflow}" AND TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running" AND TemporalReportedProblems IS NOT NULL`
  const ids = new Set<string>()
  try {
    for await (const { workflowId } of client.workflow.list({ query, pageSize: limit }))
      if (ids.add(purchaseIdOfWorkflow(workflowId)).size === limit) break
    return [...ids]
  } catch (error) {
    if (isInvalidArgument(error)) return null
    throw error
  }
}
