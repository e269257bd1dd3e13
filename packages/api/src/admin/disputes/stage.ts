import { scopedProcedure } from '../../trpc.ts'
import { disputeInput, disputeItem, evidenceInput, toDisputeItem, toEvidence } from './item.ts'

/** Stages evidence in Stripe without submitting it. The call can be repeated until the evidence is submitted. */
export const stage = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      method: 'PUT',
      path: '/admin/v1/pay-to-view/purchases/{id}/dispute/evidence',
      summary: 'Stage evidence for a dispute',
      tag: 'admin',
      maxBodyBytes: 2_000_000,
      errors: [
        ...(['purchase_not_found', 'dispute_not_found', 'dispute_closed', 'dispute_already_submitted'] as const),
        ...(['dispute_past_due', 'evidence_refused', 'stripe_unavailable'] as const),
      ],
    },
  })
  .input(disputeInput.extend({ evidence: evidenceInput }).strict())
  .output(disputeItem)
  .mutation(async ({ ctx, input }) =>
    toDisputeItem(await ctx.services.operator.stageEvidence(input.id, toEvidence(input.evidence), ctx.user.id)),
  )
