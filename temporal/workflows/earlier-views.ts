import type { PurchaseView } from '@pay-to-view/workflow-client/types'

/** Adds what a view lacks that a worker of an earlier version has written into the history: every settlement was a payment then, and access started with it. */
export const completeView = (view: PurchaseView): PurchaseView => ({
  ...view,
  settlementId: view.settlementId ?? view.paymentIntentId,
  startsAt: view.startsAt ?? view.paidAt,
})
