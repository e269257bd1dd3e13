import { z } from 'zod'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'

/** Deletes an entity, unless it or one of its containers was ever sold or granted. */
export const remove = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'DELETE',
      path: '/admin/v1/pay-to-view/entities/{id}',
      summary: 'Delete an entity that was never sold or granted',
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
