import { unfinishedJobs } from '@pay-to-view/db'
import { batchSize, type ReconcileRun } from './run.ts'

/**
 * Starts the workflows of unfinished jobs that have none: the process that wrote the job stopped before it started the workflow, has no connection to
 * Temporal, or the workflow was terminated. A running workflow is left alone.
 */
export const startEntityJobs = async (run: ReconcileRun): Promise<void> => {
  if (run.scope.dryRun) return
  await run.forEach(await unfinishedJobs(run.db, batchSize), (job) => run.purchases.startEntityJob(job))
}
