import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { follow } from './follow.ts'
import { readAccess } from './state.ts'

/**
 * Whether the user may watch an entity: at once, on every connection anew, and whenever it changes. So nothing has to be sent again to a
 * client that was away, and events carry no ids. A hint for another entity of the user's is read too: it may be the channel.
 */
export const watch = userProcedure
  .input(z.object({ entityId: EntityId }))
  .subscription(({ ctx, input: { entityId }, signal }) => {
    const { read, close } = ctx.services.openStream(ctx.user.id)
    // A viewer who has gone before the stream began, or while it waited for its turn, never ends it.
    if (signal?.aborted) close()
    signal?.addEventListener('abort', close)
    return follow({
      read: async () => {
        const [state] = await read(() => readAccess(ctx.services.reads, ctx.user.id, [entityId]))
        return state ?? { entityId, hasAccess: false, expiresAt: null, purchaseId: null }
      },
      listen: (hear) => {
        const unlisten = ctx.services.accessHints.onAccessChange(ctx.user.id, hear)
        return () => {
          unlisten()
          close()
        }
      },
      until: ctx.user.until,
      gone: signal,
      stopping: ctx.services.stopping,
    })
  })
