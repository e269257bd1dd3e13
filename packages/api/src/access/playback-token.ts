import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { EntityId, Time } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { readAccess } from './state.ts'

/** A short-lived token that a player shows to a CDN, for an entity that the user may watch now. docs/integration.md says how it is checked. */
export const playbackToken = userProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/access/playback-token',
      summary: 'A token for the player',
      tag: 'client',
      errors: ['no_access', 'playback_not_configured'],
    },
  })
  .input(z.object({ entityId: EntityId }))
  .output(
    z.object({
      token: z.string().meta({ description: 'A JWT (ES256); its keys are at /.well-known/jwks.json' }),
      expiresAt: Time.meta({ description: 'Ask for the next before this' }),
    }),
  )
  .mutation(async ({ ctx, input: { entityId } }) => {
    if (!ctx.services.playback) throw new ApiError('playback_not_configured')
    const [state] = await readAccess(ctx.services.reads, ctx.user.id, [entityId])
    if (!state?.hasAccess) throw new ApiError('no_access', { field: 'entityId' })
    const accessEnds = state.expiresAt === null ? null : Date.parse(state.expiresAt)
    const signed = await ctx.services.playback.sign({ userId: ctx.user.id, entityId, accessEnds })
    if (!signed) throw new ApiError('no_access', { field: 'entityId' })
    return { token: signed.token, expiresAt: new Date(signed.expiresAt * 1000).toISOString() }
  })
