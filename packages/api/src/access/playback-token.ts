import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { Time } from '../values.ts'
import { noAccess } from './no-access.ts'

/**
 * Issues a short-lived token that a player sends to a CDN, for an entity that the user has access to. For a rental, the first token starts
 * the clock. docs/integration.md describes how to verify the token.
 */
export const playbackToken = userProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/access/playback-token',
      summary: 'Issue a playback token',
      tag: 'client',
      errors: ['no_access', 'not_started', 'playback_not_configured'],
    },
  })
  .input(z.strictObject({ entityId: EntityId }))
  .output(
    z.object({
      token: z.string().meta({ description: 'A JWT (ES256); the public keys are at /.well-known/jwks.json' }),
      expiresAt: Time.meta({ description: 'Request the next token before this time' }),
    }),
  )
  .mutation(async ({ ctx, input: { entityId } }) => {
    if (!ctx.services.playback) throw new ApiError('playback_not_configured')
    const access = await ctx.services.access.startPlayback(ctx.user.id, entityId)
    if (!access) {
      const [row] = await ctx.services.reads.access(ctx.user.id, [entityId])
      throw noAccess(row?.access ?? null)
    }
    const accessEndsAt = access.expiresAt?.getTime() ?? null
    const signed = await ctx.services.playback.sign({ userId: ctx.user.id, entityId, accessEndsAt })
    if (!signed) throw new ApiError('no_access', { field: 'entityId' })
    return { token: signed.token, expiresAt: new Date(signed.expiresAt * 1000).toISOString() }
  })
