import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { EntityId, Time } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { readAccess } from './state.ts'

/** Issues a short-lived token that a player sends to a CDN, for an entity that the user has access to. docs/integration.md says how to verify it. */
export const playbackToken = userProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/access/playback-token',
      summary: 'Issue a playback token',
      tag: 'client',
      errors: ['no_access', 'playback_not_configured'],
    },
  })
  .input(z.object({ entityId: EntityId }))
  .output(
    z.object({
      token: z.string().meta({ description: 'A JWT (ES256); the public keys are at /.well-known/jwks.json' }),
      expiresAt: Time.meta({ description: 'Request the next token before this time' }),
    }),
  )
  .mutation(async ({ ctx, input: { entityId } }) => {
    if (!ctx.services.playback) throw new ApiError('playback_not_configured')
    const [state] = await readAccess(ctx.services.reads, ctx.user.id, [entityId])
    if (!state?.hasAccess) throw new ApiError('no_access', { field: 'entityId' })
    const accessEndsAt = state.expiresAt === null ? null : Date.parse(state.expiresAt)
    const signed = await ctx.services.playback.sign({ userId: ctx.user.id, entityId, accessEndsAt })
    if (!signed) throw new ApiError('no_access', { field: 'entityId' })
    return { token: signed.token, expiresAt: new Date(signed.expiresAt * 1000).toISOString() }
  })
