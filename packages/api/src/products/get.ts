import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { ProductId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { guideProduct, toGuideProduct } from './item.ts'

/** One product, even if it is no longer on sale, because purchase histories refer to it. */
export const get = publicProcedure
  .input(z.object({ payToViewProductId: ProductId }))
  .output(guideProduct)
  .query(async ({ ctx, input }) => {
    const row = await ctx.services.reads.product(input.payToViewProductId)
    if (!row) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    return toGuideProduct(row, ctx.services)
  })
