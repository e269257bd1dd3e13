import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { ProductId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { productItem, productItemOf } from './item.ts'

/** One product; one that has been withdrawn is found too, because a buyer's history names it. */
export const get = publicProcedure
  .input(z.object({ payToViewProductId: ProductId }))
  .output(productItem)
  .query(async ({ ctx, input }) => {
    const row = await ctx.services.reads.product(input.payToViewProductId)
    if (!row) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    return productItemOf(row)
  })
