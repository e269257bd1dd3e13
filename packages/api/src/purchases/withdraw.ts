import { createProcedure } from '../trpc.ts'
import { withdrawInput, withdrawResult } from './schemas.ts'

/** Withdraws the buyer from the contract. Without `confirm`, nothing changes, and the response says what would happen. */
export const withdraw = createProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/purchases/{id}/withdraw',
      summary: 'Withdraw from a purchase',
      tag: 'client',
      errors: [
        ...(['purchase_not_found', 'withdrawal_refused', 'charged_back', 'disputed', 'refund_failed', 'refund_refused'] as const),
        ...(['refund_unconfirmed', 'stripe_unavailable', 'temporal_unavailable'] as const),
      ],
    },
  })
  .input(withdrawInput)
  .output(withdrawResult)
  .mutation(({ ctx, input }) => ctx.services.purchases.withdraw(input, ctx.user))
