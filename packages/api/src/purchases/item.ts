import type { PurchaseRow } from '@pay-to-view/db'
import { entityTypeOf } from '@pay-to-view/purchase'
import type { z } from 'zod'
import type { purchaseItem } from './schemas.ts'

const iso = (date: Date | null): string | null => date?.toISOString() ?? null

/** A purchase as it is told. */
export const itemOf = (row: PurchaseRow): z.infer<typeof purchaseItem> => {
  const entityType = entityTypeOf(row.entityId)
  if (entityType === null) throw new TypeError(`${row.entityId} is not the id of an entity`)
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
