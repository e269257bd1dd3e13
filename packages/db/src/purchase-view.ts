import { isFinal, type Projection } from '@pay-to-view/purchase'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'

export class PurchaseNotFound extends Error {
  override name = 'PurchaseNotFound'
  constructor(id: string) {
    super(`There is no purchase ${id}`)
  }
}

type Quoted = Pick<PurchaseView, 'id' | 'title' | 'amount' | 'currency'> & { checkoutDeadline: Date }

/** `seen` is what the facts do not say. */
export const createView = (
  row: Quoted,
  projection: Projection,
  seen: Pick<PurchaseView, 'isAmbiguous' | 'change' | 'hasAccess' | 'pendingRefundRequestIds'>,
): PurchaseView => ({
  id: row.id,
  status: projection.status,
  isFinal: isFinal(projection.status) && seen.pendingRefundRequestIds.length === 0,
  processing: projection.processing,
  mismatch: projection.mismatch,
  title: row.title,
  amount: row.amount,
  currency: projection.payment?.currency ?? row.currency,
  amountPaid: projection.amountPaid,
  amountRefunded: projection.amountRefunded,
  paymentIntentId: projection.payment?.id ?? null,
  paidAt: projection.paidAt,
  expiresAt: projection.expiresAt,
  checkoutDeadline: row.checkoutDeadline.getTime(),
  ...seen,
})

/** Of seconds since the epoch. */
export const toDate = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))
