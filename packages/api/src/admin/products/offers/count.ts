import { z } from 'zod'
import { ProductId } from '../../../purchases/schemas.ts'
import { scopedProcedure } from '../../../trpc.ts'

/** Counts the entities that a product is offered for, so that an operator can confirm a price change. */
export const count = scopedProcedure('catalog:read')
  .input(z.strictObject({ id: ProductId }))
  .output(z.object({ count: z.int().meta({ description: 'Number of offers, counted up to 1,000' }) }))
  .query(async ({ ctx, input }) => ({ count: await ctx.services.reads.offerCount(input.id) }))
