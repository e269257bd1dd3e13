import { z } from 'zod'
import { adminProcedure } from '../../trpc.ts'
import { AlertId } from './list.ts'

/** Marks an alert as resolved by the calling admin. */
export const resolve = adminProcedure
  .input(z.object({ id: AlertId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input }) => {
    await ctx.services.operator.resolveAlert(BigInt(input.id), ctx.user.id)
    return { success: true as const }
  })
