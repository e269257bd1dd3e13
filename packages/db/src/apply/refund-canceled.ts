import { decideRefund } from '@pay-to-view/purchase'
import { lockEntities } from '../catalog/lock-entities.ts'
import { cancellationRequestId } from '../entity-jobs/cancellation-request.ts'
import { refundDecisionColumns } from '../refunds.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * Whether the entity was canceled. A cancellation does not list purchases that have ended, but such a purchase may still be paid. In that
 * case the row lock orders the payment and the cancellation: this transaction waits for a cancellation that is being written, and a later
 * cancellation waits for this transaction.
 */
const isCanceled = async ({ tx, purchase: { entityId, entity, status } }: ApplyContext): Promise<boolean> => {
  if (status === 'Pending' || entity.canceledAt !== null) return entity.canceledAt !== null
  const [locked] = await lockEntities(tx, [entityId])
  return locked !== undefined && locked.canceledAt !== null
}

/** Whether a different payment, or no payment, counted before. */
const isNewSettlement = ({ projectionBefore, projection }: ApplyContext): boolean =>
  projectionBefore.settlement?.id !== projection.settlement?.id

/**
 * Requests the refund of a payment that arrives after its entity was canceled, such as a delayed payment. The first request has the same id
 * as the cancellation's own request, so each payment is refunded only once. If a dispute is won later, the operator decides about the
 * refund.
 */
export const requestCancellationRefund = async (context: ApplyContext): Promise<string | null> => {
  const { tx, purchase, facts, projection } = context
  const { id: purchaseId, entityId } = purchase
  const { settlement } = projection
  if (settlement === null) return null
  const isNew = isNewSettlement(context)
  // The payment of a pending purchase may be waiting for the operator's decision. Nothing else refunds this payment.
  if ((!isNew && purchase.status !== 'Pending') || !(await isCanceled(context))) return null
  const decision = decideRefund(facts, settlement, undefined)
  if ('rejected' in decision) return null
  const cancellation = await tx.entityJob.findFirst({ where: { entityId, kind: 'cancel' } })
  if (cancellation === null) return null
  const firstId = cancellationRequestId(entityId)
  const earlier = await tx.refundRequest.findMany({
    where: { purchaseId, requestId: { startsWith: firstId } },
    select: { paymentIntentId: true, freeOrderId: true },
  })
  if (!isNew && earlier.length > 0) return null
  if (earlier.some(({ paymentIntentId, freeOrderId }) => (paymentIntentId ?? freeOrderId) === settlement.id)) return null
  const requestId = earlier.length === 0 ? firstId : `${firstId}-${settlement.id}`
  const { reason, requestedBy } = cancellation
  const data = { purchaseId, requestId, ...refundDecisionColumns(decision), reason, requestedBy }
  const { count } = await tx.refundRequest.createMany({ data: [data], skipDuplicates: true })
  return count > 0 ? `${entityId} was canceled before the payment, so the payment is refunded` : null
}
