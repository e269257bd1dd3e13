import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { scopedProcedure } from '../../trpc.ts'
import { generatedId } from '../../values.ts'
import { AlertId, AlertIds, ConfirmOpenDispute, expectedAlertId, Note } from './schemas.ts'

/** Marks an alert as resolved by the caller. An alert that is already resolved is not changed. */
export const resolve = scopedProcedure('refunds:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/alerts/{id}/resolve',
      summary: 'Resolve an alert',
      tag: 'admin',
      errors: ['alert_not_found', 'dispute_open'],
    },
  })
  .input(z.strictObject({ id: generatedId(expectedAlertId), note: Note.optional(), confirmOpenDispute: ConfirmOpenDispute }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { id, ...resolution } }) => {
    if (!AlertId.safeParse(id).success) throw new ApiError('alert_not_found', { field: 'id' })
    await ctx.services.operator.resolveAlert(BigInt(id), { by: ctx.user.id, ...resolution })
    return { success: true as const }
  })

/** Resolves several alerts. Alerts that are already resolved are not changed. */
export const resolveMany = scopedProcedure('refunds:write')
  .input(z.strictObject({ ids: AlertIds, note: Note.optional(), confirmOpenDispute: ConfirmOpenDispute }))
  .output(z.object({ resolved: z.int() }))
  .mutation(async ({ ctx, input: { ids, ...resolution } }) => ({
    resolved: await ctx.services.operator.resolveAlerts(ids.map(BigInt), { by: ctx.user.id, ...resolution }),
  }))

/** Reopens alerts that were resolved by mistake. */
export const reopen = scopedProcedure('refunds:write')
  .input(z.strictObject({ ids: AlertIds }))
  .output(z.object({ reopened: z.int() }))
  .mutation(async ({ ctx, input: { ids } }) => ({ reopened: await ctx.services.operator.reopenAlerts(ids.map(BigInt)) }))
