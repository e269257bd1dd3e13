import { smallestStep } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ProductId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'

const currencies = new Set(Intl.supportedValuesOf('currency'))

/** What an operator says of a product. A price of 0 is refused: what is free needs no purchase (docs/decisions/0003). */
const fields = z.object({
  name: text(200).trim().min(1, 'Expected a name'),
  amount: z
    .int('Expected a whole number of minor units')
    .min(1, 'Expected at least 1: what is free needs no purchase')
    .max(99_999_999, 'Expected at most 99999999, which is what Stripe takes')
    .meta({ description: 'Minor units of the currency (cents)' }),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, 'Expected three lower-case letters of ISO 4217, such as usd')
    .refine((code) => currencies.has(code.toUpperCase()), 'Expected a currency of ISO 4217, such as usd'),
  accessDurationDays: z
    .int('Expected a whole number of days')
    .min(1, 'Expected at least 1')
    .max(36_500, 'Expected at most 36500')
    .nullable()
    .meta({ description: 'Days of 86,400 seconds from the payment; null without an end' }),
})

/** Of another price Stripe would refuse the checkout. */
export const isPrice = ({ amount, currency }: { amount: number; currency: string }): boolean =>
  amount % smallestStep(currency) === 0
export const noPrice = 'Expected what Stripe takes: dinars in steps of 10 thousandths, ISK and UGX whole'

export const newProduct = fields.refine(isPrice, { path: ['amount'], message: noPrice })

/** With what stays of the product it has to be a price again: that is looked at when it is changed. */
export const productChange = z.object({
  payToViewProductId: ProductId,
  ...fields.extend({ active: z.boolean() }).partial().shape,
})
