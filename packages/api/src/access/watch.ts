import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { follow } from './follow.ts'
import { readAccess } from './state.ts'

/**
 * Whether the user may watch an entity: at once, on every connection anew, and whenever it changes. So nothing has to be sent again to a
 * client that was away, and events carry no ids. A hint for another entity of the user's is read too: it may be the channel.
 */
export const watch = userProcedure.input(z.object({ entityId: EntityId })).subscription(({ ctx, input: { entityId }, signal }) =>
  follow({
    read: async () => {
      const [state] = await readAccess(ctx.reads, ctx.user.id, [entityId])
      return state ?? { entityId, hasAccess: false, expiresAt: null, purchaseId: null }
    },
    listen: (hear) => ctx.accessHints.onHint(ctx.user.id, hear),
    until: ctx.user.until,
    gone: signal,
    stopping: ctx.stopping,
  }),
)
