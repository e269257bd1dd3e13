import type { PurchaseRow } from '@pay-to-view/db'
import { entityTypes } from '@pay-to-view/purchase'
import type { z } from 'zod'
import type { purchaseItem } from './schemas.ts'

const iso = (date: Date | null): string | null => date?.toISOString() ?? null

export const toPurchaseItem = (row: PurchaseRow): z.infer<typeof purchaseItem> => {
  return {
    purchaseId: row.id,
    payToViewProductId: row.productId,
    entityId: row.entityId,
    entityType: entityTypes[row.entityType],
    status: row.status,
    processing: row.processing,
    amount: row.amount,
    amountSubtotal: row.amountSubtotal,
    amountDiscount: row.amountDiscount,
    amountTax: row.amountTax,
    amountPaid: row.amountPaid,
    amountRefunded: row.amountRefunded,
    currency: row.currency,
    currencyPaid: row.currencyPaid,
    promotionCode: row.promotionCode,
    invoiceUrl: row.invoiceUrl,
    invoicePdfUrl: row.invoicePdfUrl,
    externalTransactionId: row.externalTransactionId,
    createdAt: row.createdAt.toISOString(),
    completedAt: iso(row.completedAt),
    startsAt: iso(row.startsAt),
    expiresAt: iso(row.expiresAt),
    refundedAt: iso(row.refundedAt),
    hasAccess: row.hasAccess,
  }
}
