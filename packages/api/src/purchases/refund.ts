import { adminProcedure } from '../trpc.ts'
import { refundInput, refundResult } from './schemas.ts'

/** Answers when Stripe has taken the refund. */
export const refund = adminProcedure
  .meta({
    openapi: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/purchases/{id}/refund',
      protect: true,
      summary: 'Refund a purchase',
      tags: ['admin'],
    },
  })
  .input(refundInput)
  .output(refundResult)
  .mutation(({ ctx, input }) => ctx.purchases.refund(input, ctx.user))
