import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { readAccessTo } from './state.ts'
import { streamAccess } from './stream-access.ts'

/**
 * Streams the user's access to an entity: the current state on every connection, then each change. A reconnecting client therefore misses
 * nothing, and events need no ids. Changes to the user's access to other entities trigger a read too, because one of those may be a container of this entity.
 */
export const watch = userProcedure
  .input(z.object({ entityId: EntityId }))
  .subscription(({ ctx, input: { entityId }, signal }) => {
    const { read, maxJitterMs, close } = ctx.services.openStream(ctx.user.id)
    // If the client disconnects before the generator starts, the generator's finally never runs.
    if (signal?.aborted) close()
    signal?.addEventListener('abort', close)
    return streamAccess({
      read: () => read(() => readAccessTo(ctx.services.reads, ctx.user.id, entityId)),
      maxJitterMs,
      subscribe: (onUserChange, onEntityChange) => {
        const unsubscribe = [
          ctx.services.accessChanges.onAccessChange(ctx.user.id, onUserChange),
          ctx.services.accessChanges.onEntityChange(entityId, onEntityChange),
        ]
        return () => {
          for (const stop of unsubscribe) stop()
          close()
        }
      },
      tokenExpiresAt: ctx.user.tokenExpiresAt,
      disconnected: signal,
      stopping: ctx.services.stopping,
    })
  })
