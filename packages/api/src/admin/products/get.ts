import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { productItem } from '../../products/item.ts'
import { ProductId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'

export const get = scopedProcedure('catalog:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/products/{id}',
      summary: 'Get a product with all its fields',
      tag: 'admin',
      errors: ['product_not_found'],
    },
  })
  .input(z.strictObject({ id: ProductId }))
  .output(productItem)
  .query(async ({ ctx, input: { id } }) => {
    const product = await ctx.services.reads.product(id)
    if (!product) throw new ApiError('product_not_found', { field: 'id' })
    return product
  })
