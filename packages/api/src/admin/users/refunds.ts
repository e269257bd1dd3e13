import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { EntityId, PurchaseId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Currency, Money, Time, Timestamp } from '../../values.ts'
import { UserId } from './user-id.ts'

const refund = z.object({
  refundId: z.string(),
  purchaseId: PurchaseId,
  entityId: EntityId,
  entityTitle: z.string(),
  amount: Money,
  currency: Currency,
  status: z.string().meta({ description: "The refund's status in Stripe" }),
  requestedBy: z
    .string()
    .nullable()
    .meta({ description: 'Null if the refund was not requested through pay-to-view, but made in Stripe directly' }),
  reason: z.string().nullable(),
  createdAt: Time,
})

/** The refunds of all of a user's purchases, newest first. */
export const refunds = scopedProcedure('purchases:read')
  .input(z.strictObject({ ...pageInput, userId: UserId }))
  .output(pageOf(refund))
  .query(async ({ ctx, input: { userId, limit, cursor } }) => {
    const position = readCursor(cursor, z.tuple([Timestamp, z.string()]))
    const before = position && { createdAt: new Date(position[0]), id: position[1] }
    const rows = await ctx.services.reads.userRefunds(userId, before, limit + 1)
    return toPage(
      rows,
      limit,
      ({ createdAt, id }) => [createdAt.toISOString(), id],
      ({ id: refundId, createdAt, ...row }) => ({ ...row, refundId, createdAt: createdAt.toISOString() }),
    )
  })
