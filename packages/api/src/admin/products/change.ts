import { z } from 'zod'
import { adminProcedure } from '../../trpc.ts'
import { productChange } from './fields.ts'

/** Changes the given fields. Open checkouts keep their quote; `active: false` takes the product off sale. */
export const change = adminProcedure
  .input(productChange)
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { payToViewProductId, ...change } }) => {
    await ctx.services.operator.changeProduct(payToViewProductId, change)
    return { success: true as const }
  })
