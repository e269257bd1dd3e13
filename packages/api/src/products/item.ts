import type { ProductRow } from '@pay-to-view/db'
import { entityTypeOf } from '@pay-to-view/purchase'
import { z } from 'zod'
import { Currency, EntityId, EntityTypeNumber, Money, ProductId } from '../purchases/schemas.ts'

export const productItem = z.object({
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

/** A product as it is told. */
export const productItemOf = ({ id, entities, ...product }: ProductRow): z.infer<typeof productItem> => ({
  payToViewProductId: id,
  ...product,
  entities: entities.map(({ id: entityId, ...entity }) => {
    const entityType = entityTypeOf(entityId)
    if (entityType === null) throw new TypeError(`${entityId} is not the id of an entity`)
    return { entityId, entityType, ...entity }
  }),
})
