import { formatMoney } from '@pay-to-view/purchase'
import type { ApplyFactsInput } from '@pay-to-view/workflow-client/types'
import type { ApplyContext } from './load-context.ts'

/** Whether the payment that counts was replaced by another payment. */
const hasOtherPayment = ({ purchase, projection: { payment } }: ApplyContext): boolean =>
  purchase.externalTransactionId !== null && payment !== null && purchase.externalTransactionId !== payment.id

export const paymentNote = (context: ApplyContext): string | null => {
  const { purchase, projection } = context
  return hasOtherPayment(context)
    ? `payment ${projection.payment?.id} now settles the purchase instead of ${purchase.externalTransactionId}`
    : null
}

/** Returns a note with the refunded amount of the payment that counts, or null if the amount has not changed. */
export const refundedNote = (context: ApplyContext): string | null => {
  const { purchase, projection } = context
  // If a different payment counts now, the stored amount belongs to the previous payment.
  const before = hasOtherPayment(context) ? 0 : purchase.amountRefunded
  if (projection.amountRefunded === before) return null
  const currency = projection.payment?.currency ?? purchase.currency
  return `${formatMoney(projection.amountRefunded, currency)} of ${formatMoney(projection.amountPaid, currency)} refunded`
}

/** Whether the projection changes a part of the purchase that users or operators can see. */
export const hasVisibleChange = ({ purchase, projection }: ApplyContext): boolean =>
  projection.status !== purchase.status ||
  projection.amountRefunded !== purchase.amountRefunded ||
  projection.processing !== purchase.processing ||
  projection.mismatch !== purchase.mismatch

/** Adds a row to the purchase's timeline, unless nothing visible has changed. */
export const recordChange = async (
  context: ApplyContext,
  notes: readonly (string | null)[],
  completed: ApplyFactsInput['completesRefundRequest'],
): Promise<void> => {
  const { tx, purchase, projection, cause } = context
  const isVisible = hasVisibleChange(context)
  const text = notes.filter((note) => note !== null).join('; ')
  // A webhook may have applied the refund before the response to the refund request arrived. The timeline must still name who requested the
  // refund.
  const note = text === '' && !isVisible && completed ? `refund ${completed.refundId} fulfilled the request` : text
  if (!isVisible && note === '') return
  await tx.change.create({
    data: {
      purchaseId: purchase.id,
      fromStatus: purchase.status,
      toStatus: projection.status,
      cause,
      note: note === '' ? null : note,
    },
  })
}
