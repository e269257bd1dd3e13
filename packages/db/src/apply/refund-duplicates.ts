import { decideDuplicateRefund, type Settlement, SYSTEM_ACTOR } from '@pay-to-view/purchase'
import { raiseAlert } from '../alerts.ts'
import { refundDecisionColumns } from '../refunds.ts'
import type { ApplyContext } from './load-context.ts'

const ownRequestsFor = (purchaseId: string, { kind, id }: Settlement) => ({
  purchaseId,
  requestedBy: SYSTEM_ACTOR,
  ...(kind === 'payment' ? { paymentIntentId: id } : { freeOrderId: id }),
})

/** Whether the settlement that counts is a duplicate whose refund pay-to-view has requested. */
export const hasDuplicateRefundRequest = async ({ tx, purchase, projection: { settlement } }: ApplyContext): Promise<boolean> =>
  settlement !== null && (await tx.refundRequest.count({ where: ownRequestsFor(purchase.id, settlement) })) > 0

/** Requests the refund of a duplicate, unless it was requested before. The workflow carries out the request. */
export const requestDuplicateRefund = async (
  { tx, purchase: { id: purchaseId }, facts }: ApplyContext,
  duplicate: Settlement,
): Promise<string | null> => {
  const earlier = await tx.refundRequest.findMany({
    where: ownRequestsFor(purchaseId, duplicate),
    select: { error: true },
  })
  const decision = decideDuplicateRefund(facts, duplicate, earlier)
  if (!decision) return null
  const { id } = duplicate
  const requestId = earlier.length === 0 ? `duplicate-${id}` : `duplicate-${id}-${earlier.length + 1}`
  await tx.refundRequest.create({
    data: { purchaseId, requestId, ...refundDecisionColumns(decision), reason: 'duplicate', requestedBy: SYSTEM_ACTOR },
  })
  if ('freeOrderId' in decision) return `free order ${id} is a duplicate and is taken back`
  const { paymentIntentId, amount } = decision
  await raiseAlert(tx, purchaseId, 'duplicate_refunded', paymentIntentId, { paymentIntentId, amount })
  return `payment ${paymentIntentId} is a duplicate and is refunded`
}

export const requestDuplicateRefunds = async (context: ApplyContext): Promise<(string | null)[]> => {
  const notes: (string | null)[] = []
  for (const duplicate of context.projection.duplicates) notes.push(await requestDuplicateRefund(context, duplicate))
  return notes
}
