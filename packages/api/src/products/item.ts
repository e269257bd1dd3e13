import type { ProductRow } from '@pay-to-view/db'
import { z } from 'zod'
import { entityItem, entityItemOf } from '../entities/item.ts'
import { Currency, Money, ProductId } from '../purchases/schemas.ts'

/** What is paid, and for how long it opens. */
export const priceItem = z.object({
  payToViewProductId: ProductId,
  name: z.string(),
  amount: Money,
  currency: Currency,
  accessDurationDays: z
    .int()
    .nullable()
    .meta({ description: 'Days of 86,400 seconds from the payment, or from its acceptance by an operator; null without an end' }),
  active: z.boolean(),
})

export const productItem = priceItem.extend({ entities: z.array(entityItem) })

export const priceItemOf = ({ id, ...product }: Omit<ProductRow, 'entities'>): z.infer<typeof priceItem> => ({
  payToViewProductId: id,
  ...product,
})

/** A product as it is told. */
export const productItemOf = ({ entities, ...product }: ProductRow): z.infer<typeof productItem> => ({
  ...priceItemOf(product),
  entities: entities.map(entityItemOf),
})
