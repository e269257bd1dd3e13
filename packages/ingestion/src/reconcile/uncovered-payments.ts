import { uncoveredPayments } from '@pay-to-view/db'
import { batchSize, type ReconcileRun } from './run.ts'

/** Refreshes payments that gave no access because the user already had access from another purchase, which has now expired. */
export const refreshUncoveredPayments = async ({ db, purchases, scope, now, ...run }: ReconcileRun): Promise<void> => {
  const uncovered = await uncoveredPayments(db, now, batchSize)
  await run.forEach(uncovered, async ({ paymentIntentId, ...purchase }) => {
    if (!scope.dryRun) await purchases.signalStripeEvent(purchase, { eventId: null, snapshots: [], refresh: { paymentIntentId } })
    run.recordRepair('uncovered_payment', purchase.id, paymentIntentId ?? 'free order')
  })
}
