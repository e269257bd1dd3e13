import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { EntityId, Time } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'

/** How many purchases and grants a change of an entity would affect: what the back office says before it cancels, extends or moves. */
export const holders = scopedProcedure('catalog:read')
  .input(z.strictObject({ id: EntityId }))
  .output(
    z.object({
      canceledAt: Time.nullable(),
      buyers: z.int(),
      openCheckouts: z.int(),
      disputed: z.int(),
      otherGrants: z.int(),
      preSold: z.int(),
      active: z.int(),
    }),
  )
  .query(async ({ ctx, input: { id } }) => {
    const [entity, counts] = await Promise.all([ctx.services.reads.entity(id), ctx.services.reads.entityHolders(id)])
    if (!entity) throw new ApiError('entity_not_found', { field: 'id' })
    return { canceledAt: entity.canceledAt, ...counts }
  })
