import { decideRefund } from '@pay-to-view/purchase'
import { cancellationRequestId } from '../entity-jobs/cancellation-request.ts'
import { refundDecisionColumns } from '../refunds.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * Requests the refund of a payment that arrives after its entity was canceled, such as a delayed one. The request has the id that the cancellation
 * uses too, so that the payment is refunded once. A dispute that is won later is left to the operator.
 */
export const requestCancellationRefund = async ({
  tx,
  purchase: { id: purchaseId, entityId, entity, status },
  facts,
  projection: { settlement },
}: ApplyContext): Promise<string | null> => {
  if (entity.canceledAt === null || status !== 'Pending' || settlement === null) return null
  const decision = decideRefund(facts, settlement, undefined)
  if ('rejected' in decision) return null
  const cancellation = await tx.entityJob.findFirst({ where: { entityId, kind: 'cancel' } })
  if (cancellation === null) return null
  const { count } = await tx.refundRequest.createMany({
    data: [
      {
        ...{ purchaseId, requestId: cancellationRequestId(entityId), ...refundDecisionColumns(decision) },
        ...{ reason: cancellation.reason, requestedBy: cancellation.requestedBy },
      },
    ],
    skipDuplicates: true,
  })
  return count > 0 ? `${entityId} was canceled before the payment, which is refunded` : null
}
