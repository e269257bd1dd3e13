import { z } from 'zod'
import { userProcedure } from '../trpc.ts'
import { SessionId } from './schemas.ts'

/** Ends a playback session and frees its place. Repeating the call has no effect. */
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
  .input(z.strictObject({ sessionId: SessionId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { sessionId } }) => {
    await ctx.services.playbackSessions.end(ctx.user.id, sessionId)
    return { success: true as const }
  })
