import { isFinal, type Projection } from '@pay-to-view/purchase'
import type { View } from '@pay-to-view/workflow-client/types'

export class PurchaseNotFound extends Error {
  override name = 'PurchaseNotFound'
  constructor(id: string) {
    super(`There is no purchase ${id}`)
  }
}

type Quoted = Pick<View, 'id' | 'title' | 'amount' | 'currency'> & { checkoutDeadline: Date }

/** `seen` is what the facts do not say. */
export const viewFrom = (
  row: Quoted,
  projection: Projection,
  seen: Pick<View, 'contested' | 'change' | 'hasAccess' | 'refundsDue'>,
): View => ({
  id: row.id,
  status: projection.status,
  final: isFinal(projection.status) && seen.refundsDue.length === 0,
  processing: projection.processing,
  mismatch: projection.mismatch,
  title: row.title,
  amount: row.amount,
  currency: projection.payment?.currency ?? row.currency,
  amountPaid: projection.amountPaid,
  amountRefunded: projection.amountRefunded,
  payment: projection.payment?.id ?? null,
  paidAt: projection.paidAt,
  expiresAt: projection.expiresAt,
  checkoutDeadline: row.checkoutDeadline.getTime(),
  ...seen,
})

/** Of seconds since the epoch. */
export const date = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))
