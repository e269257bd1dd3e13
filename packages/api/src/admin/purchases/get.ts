import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { itemOf } from '../../purchases/item.ts'
import { Money, PurchaseId, PurchaseStatus, Time } from '../../purchases/schemas.ts'
import { adminProcedure } from '../../trpc.ts'
import { foundItem } from './search.ts'

const details = foundItem.extend({
  sessionId: z.string().nullable(),
  checkoutDeadline: Time,
  accessDurationDays: z.int().nullable(),
  links: z.object({ workflow: z.string().nullable(), checkout: z.string().nullable(), payment: z.string().nullable() }),
  timeline: z.array(
    z.object({ at: Time, fromStatus: PurchaseStatus, toStatus: PurchaseStatus, cause: z.unknown(), note: z.string().nullable() }),
  ),
  refunds: z.array(
    z.object({ id: z.string(), amount: Money, status: z.string(), requestId: z.string().nullable(), createdAt: Time }),
  ),
  alerts: z.array(z.object({ id: z.string(), kind: z.string(), detail: z.unknown(), at: Time, resolvedAt: Time.nullable() })),
})

/** Everything that an operator needs about one purchase. */
export const get = adminProcedure
  .input(z.object({ id: PurchaseId }))
  .output(details)
  .query(async ({ ctx, input }) => {
    const row = await ctx.reads.operatorPurchase(input.id)
    if (!row) throw new ApiError('purchase_not_found', { field: 'id' })
    const { userId, entityTitle, productName, amountPaid, currencyPaid, mismatch, sessionId, accessDurationDays } = row
    return {
      ...itemOf(row),
      ...{ userId, entityTitle, productName, amountPaid, currencyPaid, mismatch, sessionId, accessDurationDays },
      checkoutDeadline: row.checkoutDeadline.toISOString(),
      links: ctx.linksOf(row),
      timeline: row.changes.map((change) => ({ ...change, at: change.at.toISOString() })),
      refunds: row.refunds.map((refund) => ({ ...refund, createdAt: refund.createdAt.toISOString() })),
      alerts: row.alerts.map(({ id, kind, detail, at, resolvedAt }) => ({
        id: String(id),
        kind,
        detail,
        at: at.toISOString(),
        resolvedAt: resolvedAt?.toISOString() ?? null,
      })),
    }
  })
