import { z } from 'zod'
import { scopedProcedure } from '../../trpc.ts'
import { GrantExpiry, GrantId, grantItem, toGrantItem } from './item.ts'

/**
 * Changes when access expires. Purchased access can only be extended. For a rental that has not been started, an extension moves the
 * deadline for starting it.
 */
export const extend = scopedProcedure('grants:write')
  .meta({
    rest: {
      method: 'PATCH',
      path: '/admin/v1/pay-to-view/grants/{grantId}',
      summary: 'Extend access',
      tag: 'admin',
      errors: ['grant_not_found', 'grant_revoked'],
    },
  })
  .input(
    z.strictObject({
      grantId: GrantId,
      expiresAt: GrantExpiry.nullable().meta({ description: 'Null makes complimentary or imported access permanent' }),
    }),
  )
  .output(grantItem)
  .mutation(async ({ ctx, input: { grantId, expiresAt } }) =>
    toGrantItem(await ctx.services.operator.extendGrant(grantId, expiresAt === null ? null : new Date(expiresAt), ctx.user.id)),
  )
