import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { userProcedure } from '../trpc.ts'
import { itemOf } from './item.ts'
import { PurchaseId, purchaseItem } from './schemas.ts'

/** One of the user's purchases. Another user's is not found. */
export const get = userProcedure
  .meta({
    openapi: {
      method: 'GET',
      path: '/client/v1/pay-to-view/purchases/{id}',
      protect: true,
      summary: 'One purchase',
      tags: ['client'],
    },
  })
  .input(z.object({ id: PurchaseId }))
  .output(purchaseItem)
  .query(async ({ ctx, input }) => {
    const row = await ctx.reads.ownPurchase(ctx.user.id, input.id)
    if (!row) throw new ApiError('purchase_not_found', { field: 'id' })
    return itemOf(row)
  })
