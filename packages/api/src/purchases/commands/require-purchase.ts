import { type Db, readWorkflowStartInput } from '@pay-to-view/db'
import { addCorrelationIds } from '@pay-to-view/telemetry'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { ApiError } from '../../errors.ts'

export const requirePurchase = async (db: Db, id: string): Promise<WorkflowStartInput> => {
  addCorrelationIds({ purchaseId: id })
  const purchase = await readWorkflowStartInput(db, id)
  if (!purchase) throw new ApiError('purchase_not_found', { field: 'id' })
  return purchase
}
