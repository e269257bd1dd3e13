import { maxAccessDays } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ProductId } from '../purchases/schemas.ts'
import { text, textOfCharacters } from '../text.ts'
import { CurrencyCode, Timestamp } from '../values.ts'
import { priceError } from './price-error.ts'

const wholeNumber = (unit: string, max: number) => {
  const expected = `Expected a whole number of ${unit} from 1 to ${max}`
  return z.int(expected).min(1, expected).max(max, expected)
}

/** A price of 0 is rejected: a free entity needs no purchase (docs/decisions/0003). */
const price = z
  .strictObject(
    {
      currency: CurrencyCode,
      amount: z
        .int('Expected a whole number of minor units')
        .min(1, 'Expected at least 1; a free entity needs no purchase')
        .meta({ description: 'In minor units of the currency (such as cents)' }),
    },
    { error: ({ code }) => (code === 'invalid_type' ? 'Expected an object with currency and amount' : undefined) },
  )
  .superRefine((value, context) => {
    const error = priceError(value)
    if (error) context.addIssue({ code: 'custom', path: [error.field], message: error.message })
  })

const prices = z
  .array(price, 'Expected a list of prices')
  .min(1, 'Expected at least one price')
  .max(100, 'Expected at most 100 prices')
  .superRefine((list, context) => {
    for (const [index, { currency }] of list.entries()) {
      if (list.findIndex((other) => other.currency === currency) === index) continue
      context.addIssue({ code: 'custom', path: [index, 'currency'], message: `Expected only one price in ${currency}` })
    }
  })

const expectedRental = 'Expected an object with startWithinDays and watchWithinHours'

export const rental = z.strictObject(
  {
    startWithinDays: wholeNumber('days', 3_650).meta({
      description: 'Days after the start of access within which the user must start playback',
    }),
    watchWithinHours: wholeNumber('hours', 87_600).meta({
      description: 'Hours after the first playback within which the rental can be watched',
    }),
  },
  { error: ({ code }) => (code === 'invalid_type' ? expectedRental : undefined) },
)

export const ProductStatus = z.enum(['active', 'withdrawn'], 'Expected active or withdrawn')

/** The product fields that a caller can write. `PUT` replaces the whole product: omitted fields take their defaults. */
export const productInput = z
  .strictObject({
    id: ProductId.optional(),
    name: textOfCharacters(200, 'Expected a name').trim().min(1, 'Expected a name'),
    prices: prices.meta({ description: 'One per currency; the first is the default' }),
    accessDurationDays: wholeNumber('days', maxAccessDays)
      .nullable()
      .default(null)
      .meta({ description: 'Days of 86,400 seconds from the payment; null for permanent access' }),
    rental: rental.nullable().default(null).meta({
      description: 'Makes the product a rental, instead of accessDurationDays. The hours to watch start with the first playback',
    }),
    status: ProductStatus.default('active'),
    saleFrom: Timestamp.nullable().default(null),
    saleUntil: Timestamp.nullable().default(null),
    taxCode: text(20)
      .regex(/^txcd_\d{8}$/, "Expected one of Stripe's tax codes, such as txcd_10402000")
      .nullable()
      .default(null),
    taxBehavior: z.enum(['inclusive', 'exclusive'], 'Expected inclusive or exclusive').nullable().default(null),
    allowPromotionCodes: z.boolean('Expected true or false').default(false),
    maxStreams: wholeNumber('screens', 1_000).nullable().default(null).meta({
      description:
        "Maximum number of screens on which a buyer may play at the same time; null for the server's default (MAX_STREAMS)",
    }),
    keepsRemovedMembers: z.boolean('Expected true or false').default(false).meta({
      description:
        'Buyers of a container keep the members that are removed from it later. Applies to purchases made while it is true',
    }),
  })
  .superRefine(({ rental: asRental, accessDurationDays, saleFrom, saleUntil }, context) => {
    if (asRental !== null && accessDurationDays !== null)
      context.addIssue({ code: 'custom', path: ['rental'], message: 'Expected either rental or accessDurationDays' })
    if (saleFrom !== null && saleUntil !== null && Date.parse(saleUntil) < Date.parse(saleFrom))
      context.addIssue({ code: 'custom', path: ['saleUntil'], message: 'Expected saleFrom or a later time' })
  })
