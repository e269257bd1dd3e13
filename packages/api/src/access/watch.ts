import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { readAccessTo } from './state.ts'
import { streamAccess } from './stream-access.ts'

/**
 * Streams the user's access to an entity: the current state on every connection, then each change. Because a reconnecting client gets the
 * current state, it misses nothing, and the streamed states need no ids. Changes to the user's access to other entities trigger a read too,
 * because one of those entities may be a container of this entity.
 */
export const watch = userProcedure
  .input(z.object({ entityId: EntityId }))
  .subscription(({ ctx, input: { entityId }, signal }) => {
    const { read, maxJitterMs, close } = ctx.services.openStream(ctx.user.id)
    // The generator's `finally` block never runs if the client disconnects before the generator starts.
    if (signal?.aborted) close()
    signal?.addEventListener('abort', close)
    return streamAccess({
      read: () => read(() => readAccessTo(ctx.services, ctx.user.id, entityId)),
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
