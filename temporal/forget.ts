import type { Client } from '@temporalio/client'

/**
 * Deletes every run of these purchases that Temporal still has, with its history: summaries and search attributes name the user. A run that only
 * waited for disputes is ended by it; should one come, the next is started from the row. Asked for by the purchases' ids, because not every user's
 * id can be written in a query of Temporal's.
 */
export const deleteRuns = async (client: Client, purchaseIds: readonly string[]): Promise<number> => {
  let deleted = 0
  for (const id of purchaseIds) {
    for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowId = "${id}"` })) {
      await client.workflowService.deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
      })
      deleted += 1
    }
  }
  return deleted
}
