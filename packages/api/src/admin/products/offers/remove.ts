import { z } from 'zod'
import { EntityId, ProductId } from '../../../purchases/schemas.ts'
import { scopedProcedure } from '../../../trpc.ts'

/** Stops offering a product for an entity. Repeating the call has no effect. Open checkouts can still be paid. */
export const remove = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'DELETE',
      path: '/admin/v1/pay-to-view/products/{id}/offers/{entityId}',
      summary: 'Remove the offer of a product for an entity',
      tag: 'admin',
      statuses: [204],
    },
  })
  .input(z.strictObject({ id: ProductId, entityId: EntityId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input }) => {
    await ctx.services.operator.removeOffer(input.id, input.entityId, ctx.user.id)
    return { success: true as const }
  })
