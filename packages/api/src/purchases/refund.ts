import { scopedProcedure } from '../trpc.ts'
import { refundInput, refundResult } from './schemas.ts'

/** Refunds a purchase in full or in part. Returns once Stripe has accepted the refund. */
export const refund = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/purchases/{id}/refund',
      summary: 'Refund a purchase',
      tag: 'admin',
      headers: { requestId: 'Idempotency-Key' },
      errors: [
        ...(['purchase_not_found', 'amount_too_large', 'not_paid', 'already_refunded', 'charged_back', 'disputed'] as const),
        ...(['idempotency_conflict', 'refund_failed', 'refund_refused', 'refund_unconfirmed'] as const),
        ...(['stripe_unavailable', 'temporal_unavailable'] as const),
      ],
    },
  })
  .input(refundInput)
  .output(refundResult)
  .mutation(({ ctx, input }) => ctx.services.purchases.refund(input, ctx.user))
