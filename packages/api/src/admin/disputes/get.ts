import { scopedProcedure } from '../../trpc.ts'
import { disputeInput, disputeItem, toDisputeItem } from './item.ts'

/** A purchase's dispute, with the evidence that is staged in Stripe. */
export const get = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/purchases/{id}/dispute',
      summary: 'Get the dispute of a purchase, with its staged evidence',
      tag: 'admin',
      errors: ['purchase_not_found', 'dispute_not_found', 'stripe_unavailable'],
    },
  })
  .input(disputeInput)
  .output(disputeItem)
  .query(async ({ ctx, input }) => toDisputeItem(await ctx.services.operator.readDispute(input.id)))
