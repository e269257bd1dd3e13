import { proxyActivities } from '@temporalio/workflow'
import type { ReconcileActivities } from '../activities/types.ts'
import { activitySummaries } from './ui-texts.ts'

const { reconcileFromCursor } = proxyActivities<ReconcileActivities>({
  summary: activitySummaries.reconcileFromCursor,
  // This timeout is shorter than the execution timeout that the Schedule sets (schedule.ts).
  startToCloseTimeout: '14 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '5 seconds', maximumAttempts: 5 },
})

/** Started by the Schedule. Returns the number of compared events and the number of repairs by kind of drift. */
export async function reconcile(): Promise<{ events: number; repairs: Record<string, number> }> {
  return await reconcileFromCursor()
}
