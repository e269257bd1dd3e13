import { z } from 'zod'
import { EntityId, PurchaseId, Time } from '../purchases/schemas.ts'
import { userProcedure } from '../trpc.ts'

export const accessState = z.object({
  entityId: EntityId,
  hasAccess: z.boolean(),
  expiresAt: Time.nullable().meta({ description: 'Null without access, and for access without an end' }),
  purchaseId: PurchaseId.nullable().meta({ description: 'The purchase that gives the access' }),
})

/** Whether the user may watch an entity now, by a purchase of it or of its channel. */
export const check = userProcedure
  .input(z.object({ entityId: EntityId }))
  .output(accessState)
  .query(async ({ ctx, input }) => {
    const [row] = await ctx.reads.access(ctx.user.id, [input.entityId])
    return row
      ? { ...row, expiresAt: row.expiresAt?.toISOString() ?? null }
      : { ...input, hasAccess: false, expiresAt: null, purchaseId: null }
  })

/** The same for many, in the order asked. */
export const checkMany = userProcedure
  .meta({
    openapi: { method: 'GET', path: '/client/v1/pay-to-view/access', protect: true, summary: 'My access', tags: ['client'] },
  })
  .input(z.object({ entityId: z.array(EntityId).min(1, 'Expected at least one entityId').max(100, 'Expected at most 100') }))
  .output(z.object({ items: z.array(accessState) }))
  .query(async ({ ctx, input }) => {
    const rows = await ctx.reads.access(ctx.user.id, input.entityId)
    return { items: rows.map((row) => ({ ...row, expiresAt: row.expiresAt?.toISOString() ?? null })) }
  })
