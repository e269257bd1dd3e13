import { checkPrice, formatMoney, isSupportedCurrency, type Price } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ProductId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'

/** The editable fields of a product. A price of 0 is rejected: a free entity needs no purchase (docs/decisions/0003). */
const fields = z.object({
  name: text(200).trim().min(1, 'Expected a name'),
  amount: z
    .int('Expected a whole number of minor units')
    .min(1, 'Expected at least 1; a free entity needs no purchase')
    .meta({ description: 'Minor units of the currency (cents)' }),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, 'Expected a lowercase ISO 4217 code, such as usd')
    .refine(isSupportedCurrency, 'Expected a currency in which Stripe can charge, such as usd'),
  accessDurationDays: z
    .int('Expected a whole number of days')
    .min(1, 'Expected at least 1')
    .max(36_500, 'Expected at most 36500')
    .nullable()
    .meta({ description: 'Days of 86,400 seconds from the payment; null for permanent access' }),
})

/** Says why Stripe would reject a checkout with this price; null for a price that it accepts. */
export const priceError = (price: Price): { field: 'amount' | 'currency'; message: string } | null => {
  const rejection = checkPrice(price)
  if (rejection === null) return null
  const money = (amount: number): string => formatMoney(amount, price.currency)
  switch (rejection.rejected) {
    case 'unsupported_currency':
      return { field: 'currency', message: 'Expected a currency in which Stripe can charge, such as usd' }
    case 'below_minimum':
      return { field: 'amount', message: `Expected at least ${money(rejection.minimum)}, the minimum at Stripe` }
    case 'above_maximum':
      return { field: 'amount', message: `Expected at most ${money(rejection.maximum)}, the maximum at Stripe` }
    case 'not_a_multiple':
      return {
        field: 'amount',
        message: `Expected a multiple of ${money(rejection.step)}, because Stripe accepts no other amounts`,
      }
    default:
      return rejection satisfies never
  }
}

export const newProduct = fields.superRefine((price, context) => {
  const error = priceError(price)
  if (error) context.addIssue({ code: 'custom', path: [error.field], message: error.message })
})

/** The price that results from a partial change is checked when the change is applied. */
export const productChange = z.object({
  payToViewProductId: ProductId,
  ...fields.extend({ active: z.boolean() }).partial().shape,
})
