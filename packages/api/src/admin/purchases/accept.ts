import { z } from 'zod'
import { PurchaseId, PurchaseStatus } from '../../purchases/schemas.ts'
import { adminProcedure } from '../../trpc.ts'

/** Takes a payment that is not what was quoted for good, and gives the access that was bought. */
export const accept = adminProcedure
  .input(z.object({ id: PurchaseId, reason: z.string().max(500, 'Expected at most 500 characters').optional() }))
  .output(z.object({ success: z.literal(true), purchaseId: PurchaseId, status: PurchaseStatus, hasAccess: z.boolean() }))
  .mutation(({ ctx, input }) => ctx.purchases.accept(input, ctx.user))
