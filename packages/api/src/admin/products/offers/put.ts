import { z } from 'zod'
import { EntityId, ProductId } from '../../../purchases/schemas.ts'
import { scopedProcedure } from '../../../trpc.ts'

/** Offers a product for an entity. */
export const put = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'PUT',
      path: '/admin/v1/pay-to-view/products/{id}/offers/{entityId}',
      summary: 'Offer a product for an entity',
      tag: 'admin',
      statuses: [204],
      errors: ['product_not_found', 'entity_not_found'],
    },
  })
  .input(z.strictObject({ id: ProductId, entityId: EntityId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input }) => {
    await ctx.services.operator.addOffer(input.id, input.entityId, ctx.user.id)
    return { success: true as const }
  })
