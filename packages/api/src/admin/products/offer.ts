import { z } from 'zod'
import { EntityId, ProductId } from '../../purchases/schemas.ts'
import { adminProcedure } from '../../trpc.ts'

/** Offers a product for an entity, or removes the offer. */
export const offer = adminProcedure
  .input(z.object({ payToViewProductId: ProductId, entityId: EntityId, offered: z.boolean() }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input }) => {
    await ctx.services.operator.setOffer(input.payToViewProductId, input.entityId, input.offered)
    return { success: true as const }
  })
