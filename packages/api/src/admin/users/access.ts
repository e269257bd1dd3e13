import { z } from 'zod'
import { entityIds } from '../../access/check.ts'
import { accessState } from '../../access/state.ts'
import { Time } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { UserId } from './user-id.ts'

const userAccess = accessState.extend({
  startsAt: Time.nullable().meta({ description: 'When the access began; null without access' }),
  source: z.enum(['purchase']).nullable().meta({ description: 'What gives the access; null without access' }),
})

/** The access of any user: what `access.checkMany` returns to the user, with its start and source. */
export const access = scopedProcedure('access:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/users/{userId}/access',
      summary: 'Access of a user',
      tag: 'admin',
    },
  })
  .input(z.strictObject({ userId: UserId, entityId: entityIds }))
  .output(z.object({ items: z.array(userAccess) }))
  .query(async ({ ctx, input }) => {
    const rows = await ctx.services.reads.access(input.userId, input.entityId)
    return {
      items: rows.map(({ startsAt, expiresAt, ...row }) => ({
        ...row,
        startsAt: startsAt?.toISOString() ?? null,
        expiresAt: expiresAt?.toISOString() ?? null,
        source: row.hasAccess ? ('purchase' as const) : null,
      })),
    }
  })
