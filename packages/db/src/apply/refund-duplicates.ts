import { decideDuplicateRefund, type PaymentSnapshot } from '@pay-to-view/purchase'
import { raiseAlert } from '../alerts.ts'
import { SYSTEM_ACTOR } from '../json-columns.ts'
import type { ApplyContext } from './load-context.ts'

/** Whether we have requested the refund of the payment that counts because it was a duplicate. */
export const hasDuplicateRefundRequest = async ({ tx, purchase, projection: { payment } }: ApplyContext): Promise<boolean> =>
  payment !== null &&
  (await tx.refundRequest.count({
    where: { purchaseId: purchase.id, paymentIntentId: payment.id, requestedBy: SYSTEM_ACTOR },
  })) > 0

/** Requests the refund of a duplicate payment, unless that was done before. The workflow carries the request out. */
export const requestDuplicateRefund = async (
  { tx, purchase: { id: purchaseId }, facts }: ApplyContext,
  duplicate: PaymentSnapshot,
): Promise<string | null> => {
  const earlier = await tx.refundRequest.findMany({
    where: { purchaseId, paymentIntentId: duplicate.id, requestedBy: SYSTEM_ACTOR },
    select: { error: true },
  })
  const decision = decideDuplicateRefund(facts, duplicate, earlier)
  if (!decision) return null
  const { paymentIntentId, amount } = decision
  const requestId = earlier.length === 0 ? `duplicate-${paymentIntentId}` : `duplicate-${paymentIntentId}-${earlier.length + 1}`
  await tx.refundRequest.create({
    data: { purchaseId, requestId, paymentIntentId, amount, reason: 'duplicate', requestedBy: SYSTEM_ACTOR },
  })
  await raiseAlert(tx, purchaseId, 'duplicate_refunded', paymentIntentId, { paymentIntentId, amount })
  return `payment ${paymentIntentId} is a duplicate and is refunded`
}

export const requestDuplicateRefunds = async (context: ApplyContext): Promise<(string | null)[]> => {
  const notes: (string | null)[] = []
  for (const duplicate of context.projection.duplicates) notes.push(await requestDuplicateRefund(context, duplicate))
  return notes
}
