import { z } from 'zod'
import { entityItem, toEntityItem } from '../../entities/item.ts'
import { ApiError } from '../../errors.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'

export const get = scopedProcedure('catalog:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/entities/{id}',
      summary: 'Get an entity with all its fields',
      tag: 'admin',
      errors: ['entity_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId }))
  .output(entityItem)
  .query(async ({ ctx, input: { id } }) => {
    const entity = await ctx.services.reads.entity(id)
    if (!entity) throw new ApiError('entity_not_found', { field: 'id' })
    return toEntityItem(entity)
  })
