import { type Client, WorkflowNotFoundError } from '@temporalio/client'

/**
 * Deletes every run of these purchases that Temporal still has, with its history: summaries and search attributes name the user. A run that only
 * waited for disputes is ended by it; should one come, the next is started from the row. Asked for by the purchases' ids, because not every user's
 * id can be written in a query of Temporal's.
 */
export const deleteRuns = async (client: Client, purchaseIds: readonly string[]): Promise<number> => {
  let deleted = 0
  for (const workflowId of purchaseIds) {
    for (const runId of await runsOf(client, workflowId)) {
      await client.workflowService.deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
      })
      deleted += 1
    }
  }
  return deleted
}

/** Every run, the newest as well when it has only just begun: lists follow what happens a moment later. */
const runsOf = async (client: Client, workflowId: string): Promise<Set<string>> => {
  const runs = new Set<string>()
  try {
    runs.add((await client.workflow.getHandle(workflowId).describe()).runId)
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.add(runId)
  return runs
}
