import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Time } from '../../values.ts'

/**
 * Counts the purchases and grants that a change to an entity would affect. The back office shows the counts before an operator cancels the
 * entity, extends access to it or moves its date.
 */
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
