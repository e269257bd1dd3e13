import type { EntityFields, ProductFields } from '@pay-to-view/db'
import { z } from 'zod'
import { guideEntity, toGuideEntity } from '../entities/guide-entity.ts'
import { ProductId } from '../purchases/schemas.ts'
import { Currency, Money, Time } from '../values.ts'
import { ProductStatus, rental } from './product-input.ts'
import { isOnSale } from './sale-terms.ts'

const accessDurationDays = z.int().nullable().meta({
  description:
    'Days of 86,400 seconds from the payment, from its acceptance by an operator, or from `availableFrom` of an entity that was bought in advance; null for permanent access and for a rental',
})

const rentalTerms = rental.nullable().meta({
  description:
    'How long a rental can be started, and how long it can be watched after its first playback; null for other products',
})

const prices = z
  .array(z.object({ currency: Currency, amount: Money }))
  .meta({ description: 'One per currency; the first is the default' })

const allowPromotionCodes = z.boolean().meta({ description: 'Whether the buyer can use a promotion code' })

/** The site settings that affect the public fields of a price. Without automatic tax, a product's tax behavior has no effect. */
export interface PriceTerms {
  automaticTax: boolean
}

const taxBehavior = z
  .enum(['inclusive', 'exclusive'])
  .nullable()
  .meta({ description: 'Whether the prices contain tax (inclusive) or tax is added to them; null for the default (inclusive)' })
const publicTaxBehavior = taxBehavior.meta({
  description:
    'Whether the prices contain tax (inclusive) or tax is added to them; null for the default (inclusive), or if the site collects no tax',
})

/** A product with the field names of the integration guide. `amount` and `currency` are the default price. */
export const guideProduct = z.object({
  payToViewProductId: ProductId,
  name: z.string(),
  amount: Money,
  currency: Currency,
  prices,
  accessDurationDays,
  rental: rentalTerms,
  allowPromotionCodes,
  taxBehavior: publicTaxBehavior,
  active: z.boolean(),
  entities: z.array(guideEntity).optional().meta({ description: 'The requested entity' }),
})

export const toGuideProduct = (
  { id, name, prices: [first, ...others], accessDurationDays: days, status, ...product }: ProductFields,
  { automaticTax }: PriceTerms,
  entity?: Parameters<typeof toGuideEntity>[0],
): z.infer<typeof guideProduct> => {
  if (!first) throw new TypeError(`The product ${id} has no price`)
  return {
    ...{ payToViewProductId: id, name, ...first, prices: [first, ...others], accessDurationDays: days },
    ...{
      rental: product.rental,
      allowPromotionCodes: product.allowPromotionCodes,
      taxBehavior: automaticTax ? product.taxBehavior : null,
    },
    active: status === 'active',
    ...(entity && { entities: [toGuideEntity(entity)] }),
  }
}

const productTerms = z.object({
  id: ProductId,
  name: z.string(),
  prices,
  accessDurationDays,
  rental: rentalTerms,
  allowPromotionCodes,
  taxBehavior,
})

/** A product that is offered for an entity, with the fields that everyone may see. */
export const saleProduct = productTerms.extend({
  taxBehavior: publicTaxBehavior,
  onSale: z.boolean().meta({
    description: 'Whether the product can be bought now. False outside its sale period or the sale period of the entity',
  }),
})

export const toSaleProduct = (
  entity: EntityFields,
  product: ProductFields,
  { automaticTax }: PriceTerms,
): z.infer<typeof saleProduct> => {
  const { id, name, prices: all, accessDurationDays: days, rental: terms } = product
  return {
    ...{ id, name, prices: all, accessDurationDays: days, rental: terms },
    ...{ allowPromotionCodes: product.allowPromotionCodes, taxBehavior: automaticTax ? product.taxBehavior : null },
    onSale: isOnSale(entity, product, new Date()),
  }
}

/** A product with all its fields. */
export const productItem = productTerms.extend({
  status: ProductStatus,
  saleFrom: Time.nullable(),
  saleUntil: Time.nullable(),
  taxCode: z.string().nullable(),
  maxStreams: z.int().nullable(),
  keepsRemovedMembers: z.boolean(),
})
