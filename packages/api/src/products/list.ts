import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { productItem, toProductItem } from './item.ts'

/** The products on sale, for one entity or for all. */
export const list = publicProcedure
  .meta({
    rest: {
      method: 'GET',
      path: '/client/v1/pay-to-view/products',
      summary: 'Products on sale',
      tag: 'client',
      public: true,
    },
  })
  .input(z.object({ entityId: EntityId.optional() }))
  .output(z.object({ items: z.array(productItem) }))
  .query(async ({ ctx, input }) => ({ items: (await ctx.services.reads.products(input.entityId)).map(toProductItem) }))
