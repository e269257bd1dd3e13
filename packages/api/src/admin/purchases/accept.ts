import { z } from 'zod'
import { PurchaseId, PurchaseStatus } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'

/** Accepts a payment that does not match its quote, and grants the access that was bought. */
export const accept = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/purchases/{id}/accept',
      summary: 'Accept a payment that does not match its quote',
      tag: 'admin',
      errors: ['purchase_not_found', 'nothing_to_accept', 'acceptance_unconfirmed', 'stripe_unavailable', 'temporal_unavailable'],
    },
  })
  .input(z.strictObject({ id: PurchaseId, reason: text(500).optional() }))
  .output(z.object({ success: z.literal(true), purchaseId: PurchaseId, status: PurchaseStatus, hasAccess: z.boolean() }))
  .mutation(({ ctx, input }) => ctx.services.purchases.accept(input, ctx.user))
