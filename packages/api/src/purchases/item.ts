import type { PurchaseRow } from '@pay-to-view/db'
import { entityTypeOf } from '@pay-to-view/purchase'
import type { z } from 'zod'
import type { purchaseItem } from './schemas.ts'

const iso = (date: Date | null): string | null => date?.toISOString() ?? null

export const toPurchaseItem = (row: PurchaseRow): z.infer<typeof purchaseItem> => {
  const entityType = entityTypeOf(row.entityId)
  if (entityType === null) throw new TypeError(`Expected the id of a video, channel or content, got ${row.entityId}`)
  return {
    purchaseId: row.id,
    payToViewProductId: row.productId,
    entityId: row.entityId,
    entityType,
    status: row.status,
    processing: row.processing,
    amount: row.amount,
    amountPaid: row.amountPaid,
    amountRefunded: row.amountRefunded,
    currency: row.currency,
    currencyPaid: row.currencyPaid,
    externalTransactionId: row.externalTransactionId,
    createdAt: row.createdAt.toISOString(),
    completedAt: iso(row.completedAt),
    expiresAt: iso(row.expiresAt),
    refundedAt: iso(row.refundedAt),
    hasAccess: row.hasAccess,
  }
}
