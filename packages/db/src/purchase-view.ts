import { isFinal, type Projection } from '@pay-to-view/purchase'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'

export class PurchaseNotFound extends Error {
  override name = 'PurchaseNotFound'
  constructor(id: string) {
    super(`Purchase ${id} does not exist`)
  }
}

type QuotedPurchase = Pick<PurchaseView, 'id' | 'title' | 'amount' | 'currency'> & { checkoutDeadline: Date }

/** `rest` are the properties that do not follow from the facts. */
export const createView = (
  row: QuotedPurchase,
  projection: Projection,
  rest: Pick<PurchaseView, 'isAmbiguous' | 'change' | 'hasAccess' | 'pendingRefundRequestIds'>,
): PurchaseView => ({
  id: row.id,
  status: projection.status,
  isFinal: isFinal(projection) && rest.pendingRefundRequestIds.length === 0,
  processing: projection.processing,
  mismatch: projection.mismatch,
  title: row.title,
  amount: row.amount,
  currency: projection.settlement?.currency ?? row.currency,
  amountSubtotal: projection.amountSubtotal,
  amountDiscount: projection.amountDiscount,
  amountTax: projection.amountTax,
  promotionCode: projection.promotionCode,
  amountPaid: projection.amountPaid,
  amountRefunded: projection.amountRefunded,
  settlementId: projection.settlement?.id ?? null,
  paymentIntentId: projection.payment?.id ?? null,
  paidAt: projection.paidAt,
  expiresAt: projection.expiresAt,
  checkoutDeadline: row.checkoutDeadline.getTime(),
  ...rest,
})
