import { proxyActivities } from '@temporalio/workflow'
import type { ReconcileActivities } from '../activities/types.ts'

const { reconcileFromCursor: continueReconciling } = proxyActivities<ReconcileActivities>({
  summary: "Compare Stripe's events with the ledger, and mend what differs",
  // Shorter than what the Schedule allows a run (schedule.ts).
  startToCloseTimeout: '14 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '5 seconds', maximumAttempts: 5 },
})

/** What the Schedule starts: compares Stripe's events with the ledger. Returns how many events it looked at and what it mended. */
export async function reconcile(): Promise<{ events: number; mended: Record<string, number> }> {
  return await continueReconciling()
}
