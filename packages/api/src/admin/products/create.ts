import { z } from 'zod'
import { ProductId } from '../../purchases/schemas.ts'
import { adminProcedure } from '../../trpc.ts'
import { newProduct } from './fields.ts'

/** Creates a product. It goes on sale once it is offered for an entity. */
export const create = adminProcedure
  .input(newProduct)
  .output(z.object({ payToViewProductId: ProductId }))
  .mutation(async ({ ctx, input }) => ({ payToViewProductId: await ctx.services.operator.createProduct(input) }))
