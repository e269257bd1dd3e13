import { entityTypes } from '@pay-to-view/purchase'
import type { PurchaseRow } from './reads/history.ts'

const iso = (date: Date | null): string | null => date?.toISOString() ?? null

/** A purchase as it appears in the user's history and in messages to the site's endpoints. */
export const toPurchaseItem = (row: PurchaseRow) => ({
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
  rental:
    row.rentalWatchWithinHours === null
      ? null
      : { watchWithinHours: row.rentalWatchWithinHours, startedAt: iso(row.firstPlayedAt) },
  refundedAt: iso(row.refundedAt),
  consent:
    row.consentVersion === null || row.consentAt === null
      ? null
      : { version: row.consentVersion, at: row.consentAt.toISOString() },
  withdrawnAt: iso(row.withdrawnAt),
  hasAccess: row.hasAccess,
})

export type PurchaseItem = ReturnType<typeof toPurchaseItem>
