import { z } from 'zod'
import { adminProcedure } from '../../trpc.ts'
import { AlertId, AlertIds, Note } from './schemas.ts'

/** Marks an alert as resolved by the calling admin. */
export const resolve = adminProcedure
  .input(z.object({ id: AlertId, note: Note.optional() }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { id, note } }) => {
    await ctx.services.operator.resolveAlert(BigInt(id), { by: ctx.user.id, note })
    return { success: true as const }
  })

/** Resolves several alerts. Those that are resolved already are left as they are. */
export const resolveMany = adminProcedure
  .input(z.object({ ids: AlertIds, note: Note.optional() }))
  .output(z.object({ resolved: z.int() }))
  .mutation(async ({ ctx, input: { ids, note } }) => ({
    resolved: await ctx.services.operator.resolveAlerts(ids.map(BigInt), { by: ctx.user.id, note }),
  }))

/** Opens alerts again that were resolved by mistake. */
export const reopen = adminProcedure
  .input(z.object({ ids: AlertIds }))
  .output(z.object({ reopened: z.int() }))
  .mutation(async ({ ctx, input: { ids } }) => ({ reopened: await ctx.services.operator.reopenAlerts(ids.map(BigInt)) }))
