import { disputesWithoutEvidence, updateDeadlineAlerts } from '@pay-to-view/db'
import { batchSize, type ReconcileRun } from './run.ts'

/** Stages evidence for disputes that have none, and warns of approaching deadlines. */
export const prepareDisputes = async (run: ReconcileRun): Promise<void> => {
  if (run.scope.dryRun) return
  await updateDeadlineAlerts(run.db, run.now)
  const { stageEvidence } = run
  if (stageEvidence) await run.forEach(await disputesWithoutEvidence(run.db, batchSize), stageEvidence)
}
