import type { ProductRow } from '@pay-to-view/db'
import { z } from 'zod'
import { entityItem, toEntityItem } from '../entities/item.ts'
import { Currency, Money, ProductId } from '../purchases/schemas.ts'

/** A price and a length of access. */
export const priceItem = z.object({
  payToViewProductId: ProductId,
  name: z.string(),
  amount: Money,
  currency: Currency,
  accessDurationDays: z.int().nullable().meta({
    description: 'Days of 86,400 seconds from the payment, or from its acceptance by an operator; null for permanent access',
  }),
  active: z.boolean(),
})

export const productItem = priceItem.extend({ entities: z.array(entityItem) })

export const toPriceItem = ({ id, ...product }: Omit<ProductRow, 'entities'>): z.infer<typeof priceItem> => ({
  payToViewProductId: id,
  ...product,
})

export const toProductItem = ({ entities, ...product }: ProductRow): z.infer<typeof productItem> => ({
  ...toPriceItem(product),
  entities: entities.map(toEntityItem),
})
