import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type { Db } from './client.ts'

export const workflowStartColumns = {
  id: true,
  userId: true,
  entityId: true,
  productId: true,
  status: true,
  amount: true,
  currency: true,
  checkoutDeadline: true,
  entity: { select: { title: true } },
} as const

export const readWorkflowStartInput = async (db: Db, id: string): Promise<WorkflowStartInput | null> => {
  const row = await db.purchase.findUnique({ where: { id }, select: workflowStartColumns })
  return row && { ...row, title: row.entity.title }
}

/** Records that a purchase's workflow is running now. */
export const markWorkflowStarted = async (db: Db, id: string): Promise<void> => {
  await db.purchase.updateMany({ where: { id }, data: { workflowStartedAt: new Date() } })
}

/** Returns the id of the purchase whose payment has this payment intent id, or null if the payment is unknown. */
export const findPurchaseByPaymentIntent = async (db: Db, paymentIntentId: string): Promise<string | null> => {
  const row = await db.purchase.findUnique({ where: { externalTransactionId: paymentIntentId }, select: { id: true } })
  return row?.id ?? null
}
