import { z } from 'zod'
import { readAccess } from '../access/state.ts'
import { publicConsent } from '../consent.ts'
import { ApiError } from '../errors.ts'
import { EntityId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { publicEntity, toPublicEntity } from './item.ts'

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
    const { reads } = ctx.services
    const entity = await reads.entity(id)
    if (!entity) throw new ApiError('entity_not_found', { field: 'id' })
    if (entity.status !== 'published') {
      ctx.setPrivate?.()
      const [state] = ctx.user ? await readAccess(ctx.services, ctx.user.id, [id]) : []
      if (!state?.hasAccess) throw new ApiError('entity_not_found', { field: 'id' })
    }
    const products = await reads.productsByEntity([id])
    return { ...toPublicEntity(entity, products.get(id) ?? [], ctx.services), consent: ctx.services.consent }
  })
