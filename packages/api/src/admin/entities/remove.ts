import { z } from 'zod'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'

/** Deletes an entity, unless it is in use (see entitiesInUse). */
export const remove = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'DELETE',
      path: '/admin/v1/pay-to-view/entities/{id}',
      summary: 'Delete an entity for which no checkout was started and no access was granted',
      tag: 'admin',
      statuses: [204],
      errors: ['entity_not_found', 'entity_in_use'],
    },
  })
  .input(z.strictObject({ id: EntityId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { id } }) => {
    await ctx.services.operator.deleteEntity(id, ctx.user.id)
    return { success: true as const }
  })
