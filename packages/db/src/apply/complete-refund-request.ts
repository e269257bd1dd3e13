import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import type { Prisma } from '../generated/client.ts'

/** Stores Stripe's response to an accepted refund request. Returns the view, whose pending requests no longer include this request. */
export const completeRefundRequest = async (
  tx: Prisma.TransactionClient,
  view: PurchaseView,
  { requestId, refundId }: { requestId: string; refundId: string | null },
): Promise<PurchaseView> => {
  const where = { purchaseId_requestId: { purchaseId: view.id, requestId } }
  const request = await tx.refundRequest.findUniqueOrThrow({ where })
  const response = {
    success: true,
    purchaseId: view.id,
    status: view.status,
    refundId,
    amount: request.amount ?? 0,
    amountRefunded: view.amountRefunded,
    currency: view.currency,
  }
  await tx.refundRequest.update({ where, data: { refundId, response, respondedAt: new Date() } })
  return { ...view, pendingRefundRequestIds: view.pendingRefundRequestIds.filter((pending) => pending !== requestId) }
}
