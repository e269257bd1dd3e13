import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { SessionId } from '../../playback/schemas.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Time, Timestamp } from '../../values.ts'
import { UserId } from './user-id.ts'

const endReasons = ['stopped', 'expired', 'replaced', 'taken_over', 'no_access'] as const

const play = z.object({
  sessionId: SessionId,
  entityId: EntityId,
  entityTitle: z.string().nullable().meta({ description: 'Null if the entity was deleted' }),
  device: z.string().nullable().meta({ description: 'The browser and operating system', example: 'Chrome on Windows' }),
  address: z.string().nullable().meta({
    description: 'The network of the IP address: /24 for IPv4, /48 for IPv6',
    example: '203.0.113.0/24',
  }),
  startedAt: Time,
  lastSeenAt: Time.meta({ description: 'The last heartbeat' }),
  endedAt: Time.nullable().meta({ description: 'Null while the session is active' }),
  endReason: z.enum(endReasons).nullable().meta({
    description:
      'stopped: by its player; expired: no heartbeat for 90 seconds; replaced: by the next session of the device; taken_over: by another screen; no_access: the access ended',
  }),
  maxPositionSeconds: z.int().meta({
    description: 'The furthest position that was played, in seconds; 0 if nothing was played or the player reported no position',
  }),
})

/** A user's play log, newest first. */
export const plays = scopedProcedure('access:read')
  .meta({
    rest: { method: 'GET', path: '/admin/v1/pay-to-view/users/{userId}/plays', summary: "Read a user's play log", tag: 'admin' },
  })
  .input(z.strictObject({ ...pageInput, userId: UserId }))
  .output(pageOf(play))
  .query(async ({ ctx, input: { userId, limit, cursor } }) => {
    const position = readCursor(cursor, z.tuple([Timestamp, SessionId]))
    const before = position && { startedAt: new Date(position[0]), id: position[1] }
    const rows = await ctx.services.reads.playsOf(userId, before, limit + 1)
    return toPage(
      rows,
      limit,
      ({ startedAt, id }) => [startedAt.toISOString(), id],
      ({ id: sessionId, startedAt, lastSeenAt, endedAt, ...row }) => ({
        ...row,
        sessionId,
        startedAt: startedAt.toISOString(),
        lastSeenAt: lastSeenAt.toISOString(),
        endedAt: endedAt?.toISOString() ?? null,
      }),
    )
  })
