import type { PurchaseView } from '@pay-to-view/workflow-client/types'

/**
 * Completes a view that a worker of an earlier version has written into the history: in that version, every settlement was a payment, and
 * access started with the payment.
 */
export const completeView = (view: PurchaseView): PurchaseView => ({
  ...view,
  settlementId: view.settlementId ?? view.paymentIntentId,
  startsAt: view.startsAt ?? view.paidAt,
})
