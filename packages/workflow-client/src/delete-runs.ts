import { purchaseWorkflowId } from '@pay-to-view/purchase'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'

/**
 * Deletes every run of these purchases with its history, because summaries and search attributes contain the user id. Deleting an open run
 * terminates it; a later dispute starts a new run from the purchase's row. Runs are listed by workflow id, because not every user id can be
 * quoted in a visibility query. Returns the number of deleted runs.
 */
export const deleteRuns = async (client: Client, purchaseIds: readonly string[]): Promise<number> => {
  let deleted = 0
  for (const workflowId of purchaseIds.map(purchaseWorkflowId)) {
    for (const runId of await listRunIds(client, workflowId)) {
      await client.workflowService.deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
      })
      deleted += 1
    }
  }
  return deleted
}

/** Lists all runs. The newest run is also described, because visibility is eventually consistent and may not list this run yet. */
const listRunIds = async (client: Client, workflowId: string): Promise<Set<string>> => {
  const runIds = new Set<string>()
  try {
    runIds.add((await client.workflow.getHandle(workflowId).describe()).runId)
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runIds.add(runId)
  return runIds
}
