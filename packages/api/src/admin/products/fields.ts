import { smallestStep } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ProductId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'

const currencies = new Set(Intl.supportedValuesOf('currency'))

/** The editable fields of a product. A price of 0 is rejected: a free entity needs no purchase (docs/decisions/0003). */
const fields = z.object({
  name: text(200).trim().min(1, 'Expected a name'),
  amount: z
    .int('Expected a whole number of minor units')
    .min(1, 'Expected at least 1; a free entity needs no purchase')
    .max(99_999_999, 'Expected at most 99999999, the maximum at Stripe')
    .meta({ description: 'Minor units of the currency (cents)' }),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, 'Expected a lowercase ISO 4217 code, such as usd')
    .refine((code) => currencies.has(code.toUpperCase()), 'Expected an ISO 4217 currency, such as usd'),
  accessDurationDays: z
    .int('Expected a whole number of days')
    .min(1, 'Expected at least 1')
    .max(36_500, 'Expected at most 36500')
    .nullable()
    .meta({ description: 'Days of 86,400 seconds from the payment; null for permanent access' }),
})

/** Stripe rejects a checkout with any other price. */
export const isChargeablePrice = ({ amount, currency }: { amount: number; currency: string }): boolean =>
  amount % smallestStep(currency) === 0
export const invalidPriceMessage =
  'Expected an amount that Stripe accepts: a multiple of 10 for three-decimal currencies, of 100 for ISK and UGX'

export const newProduct = fields.refine(isChargeablePrice, { path: ['amount'], message: invalidPriceMessage })

/** The price that results from a partial change is checked when the change is applied. */
export const productChange = z.object({
  payToViewProductId: ProductId,
  ...fields.extend({ active: z.boolean() }).partial().shape,
})
