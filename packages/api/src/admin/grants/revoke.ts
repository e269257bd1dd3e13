import { z } from 'zod'
import { scopedProcedure } from '../../trpc.ts'
import { GrantId, GrantReason, grantItem, toGrantItem } from './item.ts'

/** Revokes complimentary or imported access. */
export const revoke = scopedProcedure('grants:write')
  .meta({
    rest: {
      method: 'DELETE',
      path: '/admin/v1/pay-to-view/grants/{grantId}',
      summary: 'Revoke complimentary or imported access',
      tag: 'admin',
      errors: ['grant_not_found', 'refund_instead'],
    },
  })
  .input(z.strictObject({ grantId: GrantId, reason: GrantReason }))
  .output(grantItem)
  .mutation(async ({ ctx, input: { grantId, reason } }) =>
    toGrantItem(await ctx.services.operator.revokeGrant(grantId, reason, ctx.user.id)),
  )
