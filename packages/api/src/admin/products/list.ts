import { z } from 'zod'
import { productItem, toProductItem } from '../../products/item.ts'
import { adminProcedure } from '../../trpc.ts'

/** All products, including those that are not on sale. */
export const list = adminProcedure
  .output(z.object({ items: z.array(productItem) }))
  .query(async ({ ctx }) => ({ items: (await ctx.services.reads.allProducts()).map(toProductItem) }))
