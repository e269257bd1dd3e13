import { entityInput } from '../../entities/entity-input.ts'
import { entityItem, toEntityItem } from '../../entities/item.ts'
import { scopedProcedure } from '../../trpc.ts'

/**
 * Creates or replaces an entity. If the id is omitted, which is possible only over tRPC, one is generated. Concurrent writes are never
 * mixed: the last write sets all fields.
 */
export const put = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'PUT',
      path: '/admin/v1/pay-to-view/entities/{id}',
      summary: 'Create or replace an entity',
      tag: 'admin',
      statuses: [200, 201],
      errors: ['entity_in_use'],
    },
  })
  .input(entityInput)
  .output(entityItem)
  .mutation(async ({ ctx, input }) => {
    const { entity, result } = await ctx.services.operator.putEntity(input, ctx.user.id)
    if (result === 'created') ctx.setStatus?.(201)
    return toEntityItem(entity)
  })
