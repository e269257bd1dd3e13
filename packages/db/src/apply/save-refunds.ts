import { factsOf, formatMoney, type RefundSnapshot } from '@pay-to-view/purchase'
import type { ApplyContext } from './load-context.ts'

const saveRefund = async (
  { tx, purchase }: ApplyContext,
  { id, paymentIntentId, amount, status, requestId, createdAt }: RefundSnapshot,
): Promise<void> => {
  await tx.refund.upsert({
    where: { id },
    create: { id, purchaseId: purchase.id, paymentIntentId, amount, status, requestId, createdAt: new Date(createdAt * 1000) },
    update: { status, amount, requestId },
  })
}

/**
 * Saves the refunds that the snapshots have changed. Returns notes about refunds of payments that do not count, because the purchase's row
 * does not show these refunds.
 */
export const saveRefunds = async (context: ApplyContext): Promise<string[]> => {
  const { facts, factsBefore, projection, purchase } = context
  const notes: string[] = []
  for (const refund of factsOf(facts, 'refund')) {
    const before = factsBefore[`refund:${refund.id}`]
    if (before === refund) continue
    await saveRefund(context, refund)
    const { id, paymentIntentId, amount, status } = refund
    const hasNewStatus = before?.kind !== 'refund' || before.status !== status
    if (hasNewStatus && projection.payment && paymentIntentId !== projection.payment.id) {
      const currency = factsOf(facts, 'payment').find((payment) => payment.id === paymentIntentId)?.currency ?? purchase.currency
      notes.push(`refund ${id} of ${formatMoney(amount, currency)} for payment ${paymentIntentId} is ${status}`)
    }
  }
  return notes
}

/** Overwrites the refund rows with the refunds in the facts. */
export const repairRefunds = async (context: ApplyContext): Promise<void> => {
  const refunds = factsOf(context.facts, 'refund')
  for (const refund of refunds) await saveRefund(context, refund)
  await context.tx.refund.deleteMany({
    where: { purchaseId: context.purchase.id, id: { notIn: refunds.map(({ id }) => id) } },
  })
}
