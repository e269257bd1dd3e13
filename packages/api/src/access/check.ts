import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'
import { accessState, readAccess, readAccessTo } from './state.ts'

/** Whether the user has access to an entity now. Access to one of the entity's containers includes the entity. */
export const check = userProcedure
  .input(z.object({ entityId: EntityId }))
  .output(accessState)
  .query(({ ctx, input }) => readAccessTo(ctx.services, ctx.user.id, input.entityId))

/** The ids of the entities to check in one call. */
export const entityIds = z
  .array(EntityId, 'Expected at least one entityId')
  .min(1, 'Expected at least one entityId')
  .max(100, 'Expected at most 100 entityIds')
  .meta({ param: { style: 'form', explode: true }, description: 'Can be repeated up to 100 times' })

/** Checks access to several entities. The results are in the order of the input. */
export const checkMany = userProcedure
  .meta({
    rest: {
      method: 'GET',
      path: '/client/v1/pay-to-view/access',
      summary: 'Check my access',
      tag: 'client',
    },
  })
  .input(z.object({ entityId: entityIds }))
  .output(z.object({ items: z.array(accessState) }))
  .query(async ({ ctx, input }) => ({ items: await readAccess(ctx.services, ctx.user.id, input.entityId) }))
