import { lineItemName } from '@pay-to-view/stripe'
import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { userProcedure } from '../trpc.ts'
import { toPurchaseItem } from './item.ts'
import { PurchaseId, purchaseDetails } from './schemas.ts'

/** One of the user's purchases. Another user's purchase is reported as not found. */
export const get = userProcedure
  .meta({
    rest: {
      method: 'GET',
      path: '/client/v1/pay-to-view/purchases/{id}',
      summary: 'Get a purchase',
      tag: 'client',
      errors: ['purchase_not_found'],
    },
  })
  .input(z.object({ id: PurchaseId }))
  .output(purchaseDetails)
  .query(async ({ ctx, input }) => {
    const row = await ctx.services.reads.ownPurchase(ctx.user.id, input.id)
    if (!row) throw new ApiError('purchase_not_found', { field: 'id' })
    return { ...toPurchaseItem(row), description: lineItemName(row.checkoutRequest) }
  })
