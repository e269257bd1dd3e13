import { isFinal, type Period, type Projection } from '@pay-to-view/purchase'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'

export class PurchaseNotFound extends Error {
  override name = 'PurchaseNotFound'
  constructor(id: string) {
    super(`Purchase ${id} does not exist`)
  }
}

/** The access that a purchase's grant gives; null if the purchase has no grant. */
export type PurchaseAccess = (Period & { hasAccess: boolean }) | null

const seconds = (date: Date | null | undefined): number | null => (date ? Math.floor(date.getTime() / 1000) : null)

type QuotedPurchase = Pick<PurchaseView, 'id' | 'title' | 'amount' | 'currency'> & { checkoutDeadline: Date }

/** Creates the view of a purchase. `rest` contains the properties that do not follow from the facts. */
export const createView = (
  row: QuotedPurchase,
  projection: Projection,
  { access, ...rest }: Pick<PurchaseView, 'isAmbiguous' | 'change' | 'pendingRefundRequestIds'> & { access: PurchaseAccess },
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
  hasAccess: access?.hasAccess ?? false,
  startsAt: seconds(access?.startsAt),
  expiresAt: seconds(access?.expiresAt),
  checkoutDeadline: row.checkoutDeadline.getTime(),
  ...rest,
})
