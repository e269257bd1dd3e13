import { z } from 'zod'
import { PurchaseId, PurchaseStatus } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { adminCommandProcedure } from '../../trpc.ts'

/** Accepts a payment that does not match its quote, and grants the access that was bought. */
export const accept = adminCommandProcedure
  .input(z.object({ id: PurchaseId, reason: text(500).optional() }))
  .output(z.object({ success: z.literal(true), purchaseId: PurchaseId, status: PurchaseStatus, hasAccess: z.boolean() }))
  .mutation(({ ctx, input }) => ctx.services.purchases.accept(input, ctx.user))
