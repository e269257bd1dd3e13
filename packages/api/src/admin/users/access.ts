import { z } from 'zod'
import { entityIds } from '../../access/check.ts'
import { accessState, readAccess } from '../../access/state.ts'
import { scopedProcedure } from '../../trpc.ts'
import { UserId } from './user-id.ts'

/** Any user's access, as `access.checkMany` returns it to that user. */
export const access = scopedProcedure('access:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/users/{userId}/access',
      summary: "Check a user's access",
      tag: 'admin',
    },
  })
  .input(z.strictObject({ userId: UserId, entityId: entityIds }))
  .output(z.object({ items: z.array(accessState) }))
  .query(async ({ ctx, input }) => ({ items: await readAccess(ctx.services, input.userId, input.entityId) }))
