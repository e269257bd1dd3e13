import { z } from 'zod'
import { productItem, productItemOf } from '../../products/item.ts'
import { adminProcedure } from '../../trpc.ts'

/** Every product, those that have been withdrawn included. */
export const list = adminProcedure
  .output(z.object({ items: z.array(productItem) }))
  .query(async ({ ctx }) => ({ items: (await ctx.services.reads.allProducts()).map(productItemOf) }))
