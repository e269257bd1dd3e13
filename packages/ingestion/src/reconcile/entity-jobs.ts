import { unfinishedJobs } from '@pay-to-view/db'
import { batchSize, type ReconcileRun } from './run.ts'

/**
 * Starts the workflow of each unfinished job. The workflow may be missing because the process that wrote the job stopped too early or has
 * no connection to Temporal, or because the workflow was terminated. A running workflow is not affected.
 */
export const startEntityJobs = async (run: ReconcileRun): Promise<void> => {
  if (run.scope.dryRun) return
  await run.forEach(await unfinishedJobs(run.db, batchSize), (job) => run.purchases.startEntityJob(job))
}
