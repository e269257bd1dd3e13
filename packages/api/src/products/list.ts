import type { ProductRow } from '@pay-to-view/db'
import { entityTypeOf } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { Currency, EntityId, EntityTypeNumber, Money, ProductId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'

const productItem = z.object({
  payToViewProductId: ProductId,
  name: z.string(),
  amount: Money,
  currency: Currency,
  accessDurationDays: z.int().nullable().meta({ description: 'Days of 86,400 seconds from the payment; null without an end' }),
  active: z.boolean(),
  entities: z.array(
    z.object({
      entityId: EntityId,
      entityType: EntityTypeNumber,
      title: z.string(),
      description: z.string(),
      channelId: EntityId.nullable(),
    }),
  ),
})

const itemOf = ({ id, entities, ...product }: ProductRow): z.infer<typeof productItem> => ({
  payToViewProductId: id,
  ...product,
  entities: entities.map(({ id: entityId, ...entity }) => {
    const entityType = entityTypeOf(entityId)
    if (entityType === null) throw new TypeError(`${entityId} is not the id of an entity`)
    return { entityId, entityType, ...entity }
  }),
})

/** The products on sale, of one entity or of all. */
export const list = publicProcedure
  .meta({ openapi: { method: 'GET', path: '/client/v1/pay-to-view/products', summary: 'Products on sale', tags: ['client'] } })
  .input(z.object({ entityId: EntityId.optional() }))
  .output(z.object({ items: z.array(productItem) }))
  .query(async ({ ctx, input }) => ({ items: (await ctx.reads.products(input.entityId)).map(itemOf) }))

export const get = publicProcedure
  .input(z.object({ payToViewProductId: ProductId }))
  .output(productItem)
  .query(async ({ ctx, input }) => {
    const row = await ctx.reads.product(input.payToViewProductId)
    if (!row) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    return itemOf(row)
  })
