import { scopedProcedure } from '../../trpc.ts'
import { disputeInput, disputeItem, toDisputeItem } from './item.ts'

/** Submits the staged evidence to the bank, which is possible only once. */
export const submit = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/purchases/{id}/dispute/submit',
      summary: 'Submit the staged evidence for a dispute',
      tag: 'admin',
      errors: [
        ...(['purchase_not_found', 'dispute_not_found', 'dispute_closed', 'dispute_already_submitted'] as const),
        ...(['dispute_past_due', 'dispute_without_evidence', 'evidence_refused', 'stripe_unavailable'] as const),
      ],
    },
  })
  .input(disputeInput)
  .output(disputeItem)
  .mutation(async ({ ctx, input }) => toDisputeItem(await ctx.services.operator.submitEvidence(input.id, ctx.user.id)))
