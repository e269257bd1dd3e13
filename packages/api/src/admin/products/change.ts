import { z } from 'zod'
import { adminProcedure } from '../../trpc.ts'
import { productChange } from './fields.ts'

/** Changes what is given. Checkouts that are open keep what was quoted; `active: false` withdraws the product from sale. */
export const change = adminProcedure
  .input(productChange)
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { payToViewProductId, ...change } }) => {
    await ctx.services.operator.changeProduct(payToViewProductId, change)
    return { success: true as const }
  })
