import { userProcedure } from '../trpc.ts'
import { createInput, createResult } from './schemas.ts'

/** Step 1 of the integration guide. */
export const create = userProcedure
  .meta({
    openapi: {
      method: 'POST',
      path: '/client/v1/pay-to-view/purchases',
      protect: true,
      summary: 'Create a purchase',
      tags: ['client'],
    },
  })
  .input(createInput)
  .output(createResult)
  .mutation(({ ctx, input }) => ctx.purchases.create(input, ctx.user))
