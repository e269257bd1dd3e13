import { z } from 'zod'
import { userProcedure } from '../trpc.ts'
import { PositionSeconds, SessionId, toWholeSeconds } from './schemas.ts'

/** Ends a playback session, records its last position and frees its place. Repeating the call has no effect. */
export const end = userProcedure
  .meta({
    rest: {
      method: 'DELETE',
      path: '/client/v1/pay-to-view/access/playback/{sessionId}',
      summary: 'End a playback session',
      tag: 'client',
      statuses: [204],
      errors: ['playback_session_not_found'],
    },
  })
  .input(z.strictObject({ sessionId: SessionId, positionSeconds: PositionSeconds.optional() }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { sessionId, positionSeconds } }) => {
    await ctx.services.playbackSessions.end(ctx.user.id, sessionId, toWholeSeconds(positionSeconds))
    return { success: true as const }
  })
