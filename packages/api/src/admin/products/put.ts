import { productItem } from '../../products/item.ts'
import { productInput } from '../../products/product-input.ts'
import { scopedProcedure } from '../../trpc.ts'

/**
 * Creates or replaces a product. If the id is omitted, which is possible only over tRPC, one is generated. A product is on sale as soon as
 * it is offered for an entity. Open checkouts keep their quote.
 */
export const put = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'PUT',
      path: '/admin/v1/pay-to-view/products/{id}',
      summary: 'Create or replace a product',
      tag: 'admin',
      statuses: [200, 201],
    },
  })
  .input(productInput)
  .output(productItem)
  .mutation(async ({ ctx, input }) => {
    const { product, result } = await ctx.services.operator.putProduct(input, ctx.user.id)
    if (result === 'created') ctx.setStatus?.(201)
    return product
  })
