import { z } from 'zod'
import { publicConsent } from '../consent.ts'
import { ApiError } from '../errors.ts'
import { EntityId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { isVisible } from './is-visible.ts'
import { publicEntity, publicEntityView } from './item.ts'

/** One entity with its products on sale. An unpublished entity is found only by users who have access to it. */
export const get = publicProcedure
  .meta({
    rest: {
      method: 'GET',
      path: '/client/v1/pay-to-view/entities/{id}',
      summary: 'Get an entity',
      tag: 'client',
      public: true,
      errors: ['entity_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId }))
  .output(publicEntity.extend({ consent: publicConsent }))
  .query(async ({ ctx, input: { id } }) => {
    const entity = await ctx.services.reads.entity(id)
    if (!entity || !(await isVisible(ctx, entity))) throw new ApiError('entity_not_found', { field: 'id' })
    const view = await publicEntityView([entity], ctx.services)
    return { ...view(entity), consent: ctx.services.consent }
  })
