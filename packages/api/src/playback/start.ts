import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { providerNames } from './provider.ts'
import { DeviceId, SessionId, signedMedia, toTime } from './schemas.ts'
import { viewerOf } from './viewer.ts'

/**
 * Starts a playback session: acquires one of the user's places and signs what the player needs. For a rental, the first session starts the
 * clock.
 */
export const start = userProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/access/playback',
      summary: 'Start a playback session',
      tag: 'client',
      errors: ['no_access', 'not_started', 'too_many_streams', 'playback_not_configured', 'playback_provider_not_configured'],
    },
  })
  .input(
    z.strictObject({
      entityId: EntityId,
      deviceId: DeviceId.optional(),
      takeOver: z
        .boolean('Expected true or false')
        .default(false)
        .meta({ description: 'If all places are taken, ends the session that has sent no heartbeat for the longest time' }),
    }),
  )
  .output(
    signedMedia.extend({
      sessionId: SessionId,
      provider: z.enum(providerNames),
      thumbnailUrl: z.string().nullable(),
      heartbeatSeconds: z.int().meta({ description: 'Seconds between heartbeats' }),
    }),
  )
  .mutation(async ({ ctx, input: { entityId, deviceId = null, takeOver } }) => {
    const { playbackSessions } = ctx.services
    const started = await playbackSessions.start(ctx.user.id, viewerOf(ctx.origin), { entityId, deviceId, takeOver })
    return { ...started, expiresAt: toTime(started.expiresAt) }
  })
