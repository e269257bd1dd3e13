import { z } from 'zod'
import { userProcedure } from '../trpc.ts'
import { PositionSeconds, SessionId, signedMedia, toTime, toWholeSeconds } from './schemas.ts'

/** Keeps a playback session's place reserved and returns the session's token. The token stays the same until shortly before it expires. */
export const heartbeat = userProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/access/playback/{sessionId}/heartbeat',
      summary: 'Keep a playback session active, and renew its token',
      tag: 'client',
      errors: [
        ...(['no_access', 'not_started', 'playback_session_not_found', 'too_many_streams'] as const),
        ...(['playback_not_configured', 'playback_provider_not_configured'] as const),
      ],
    },
  })
  .input(z.strictObject({ sessionId: SessionId, positionSeconds: PositionSeconds.optional() }))
  .output(signedMedia)
  .mutation(async ({ ctx, input: { sessionId, positionSeconds } }) => {
    const position = toWholeSeconds(positionSeconds)
    const { url, token, expiresAt } = await ctx.services.playbackSessions.heartbeat(ctx.user.id, sessionId, position)
    return { url, token, expiresAt: toTime(expiresAt) }
  })
