import { factsOf, isActiveRefund } from '@pay-to-view/purchase'
import { isCancellationRequest } from '../entity-jobs/cancellation-request.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * Reports the purchase as failed in its entity's cancellation if the cancellation's refund has failed or was canceled after Stripe had
 * accepted it. The cancellation does not refund again: the operator refunds the purchase on its own page.
 */
export const failCancellationItem = async ({ tx, purchase, facts }: ApplyContext): Promise<void> => {
  const hasFailed = factsOf(facts, 'refund').some(
    (refund) => !isActiveRefund(refund) && refund.requestId !== null && isCancellationRequest(refund.requestId),
  )
  if (!hasFailed) return
  const job = { kind: 'cancel' as const, entityId: purchase.entityId }
  await tx.entityJobItem.updateMany({
    where: { subjectId: purchase.id, outcome: { not: 'failed' }, job },
    data: { outcome: 'failed', reason: 'refund_failed', updatedAt: new Date() },
  })
}
