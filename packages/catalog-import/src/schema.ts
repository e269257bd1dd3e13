import {
  catalogIdPattern,
  checkPrice,
  formatMoney,
  isSupportedCurrency,
  maxAccessDays,
  type Price,
  storableText,
} from '@pay-to-view/purchase'
import { z } from 'zod'

export const isCatalogId = (text: string): boolean => catalogIdPattern.test(text)

const id = z.string('Expected an id').regex(catalogIdPattern, 'Expected 1 to 128 of the characters A-Z a-z 0-9 . _ ~ : -')

const notStorable = 'Expected text without NUL characters or unpaired surrogates'
const text = z.string('Expected a string').regex(storableText, notStorable)

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'Expected an address that begins with https:// or http://' })
  .regex(storableText, notStorable)

/** Normalizes a time to UTC with milliseconds, as the API returns times. */
const time = z.iso
  .datetime({ offset: true, error: 'Expected a time with its zone, such as 2026-12-31T23:59:00Z' })
  .transform((text) => new Date(text))
  .refine((time) => time.getUTCFullYear() >= 1900 && time.getUTCFullYear() <= 9999, 'Expected a year from 1900 to 9999')
  .transform((time) => time.toISOString())

const positiveInteger = (example: string) =>
  z
    .number({ error: `Expected a whole number, such as ${example}` })
    .int(`Expected a whole number, such as ${example}`)
    .min(1, 'Expected at least 1')
    .max(2_147_483_647, 'Expected at most 2147483647')

const position = z.int('Expected a whole number').min(0, 'Expected at least 0').max(1_000_000, 'Expected at most 1000000')

/** A plain id is a membership without a position. */
const membership = z.preprocess(
  (entry) => (typeof entry === 'string' ? { id: entry } : entry),
  z.strictObject({ id, position: position.nullable().optional() }, { error: 'Expected an id, or { id, position }' }),
)

const notClearable = 'This value cannot be cleared: leave it empty to keep the current value'

const enumOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, {
    error: ({ input }) => (input === null ? notClearable : `Expected ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`),
  })

/** The fields of an entity that a row sets, named as in the API. `type`, `title` and `status` cannot be cleared. */
export const catalogFields = z.strictObject({
  type: enumOf(['video', 'channel', 'content']).optional(),
  title: z
    .string({ error: ({ input }) => (input === null ? notClearable : 'Expected a string') })
    .regex(storableText, notStorable)
    .min(1, 'Expected a title')
    .optional(),
  description: text.nullish(),
  imageUrl: httpUrl.nullish(),
  durationSeconds: positiveInteger('5640 (seconds)').nullish(),
  status: enumOf(['draft', 'published', 'archived']).optional(),
  availableFrom: time.nullish(),
  availableUntil: time.nullish(),
  memberOf: z.array(membership).nullish(),
  playback: z
    .record(
      text,
      z.union([text, z.number()], 'Expected a string or a number'),
      'Expected an object such as { "provider": "mux", … }',
    )
    .nullish(),
  metadata: z.record(text, text, { error: 'Expected an object whose values are strings' }).nullish(),
})
export type CatalogFields = z.output<typeof catalogFields>

/** Returns why Stripe cannot charge a price, and how to correct it; null if the price is valid. */
const priceProblem = (price: Price): string | null => {
  const rejection = checkPrice(price)
  if (!rejection) return null
  const format = (amount: number): string => formatMoney(amount, price.currency)
  switch (rejection.rejected) {
    case 'unsupported_currency':
      return `Stripe does not charge in ${price.currency}. Use another currency, such as usd or eur`
    case 'below_minimum':
      return `Expected at least ${format(rejection.minimum)}, Stripe's minimum`
    case 'above_maximum':
      return `Expected at most ${format(rejection.maximum)}, Stripe's maximum`
    case 'not_a_multiple':
      return `Expected a multiple of ${format(rejection.step)}. Stripe accepts no other amounts`
    default:
      return rejection satisfies never
  }
}

const price = z
  .strictObject({
    currency: z
      .string()
      .toLowerCase()
      .refine(isSupportedCurrency, 'Expected the code of a currency that Stripe supports, such as usd'),
    amount: z
      .number({ error: 'Expected an amount in the smallest unit of the currency, such as 499 for 4.99 USD' })
      .int('Expected an amount in the smallest unit of the currency, such as 499 for 4.99 USD'),
  })
  .superRefine((price, context) => {
    const message = priceProblem(price)
    if (message) context.addIssue({ code: 'custom', message, path: ['amount'] })
  })

/** The terms of a product that a row offers, named as in the API. Without a length of access, the access is permanent. */
export const productTerms = z
  .strictObject({
    prices: z
      .array(price)
      .min(1, 'Expected at least one price')
      .refine(
        (prices) => new Set(prices.map(({ currency }) => currency)).size === prices.length,
        'Expected one price per currency',
      ),
    accessDurationDays: positiveInteger('30').max(maxAccessDays, `Expected at most ${maxAccessDays} days`).nullable(),
    rental: z
      .strictObject({
        startWithinDays: positiveInteger('30').max(3_650, 'Expected at most 3650 days'),
        watchWithinHours: positiveInteger('48').max(87_600, 'Expected at most 87600 hours'),
      })
      .nullable(),
  })
  .refine(({ accessDurationDays, rental }) => accessDurationDays === null || rental === null, {
    path: ['accessDurationDays'],
    message: 'A product can have a length of access or a rental, but not both. Remove one of them',
  })
export type ProductTerms = z.output<typeof productTerms>

/** A row without its line number, as the back office sends it. Each of `products` is offered for the entity. */
export const catalogRow = z.strictObject({
  id,
  fields: catalogFields,
  products: z.array(productTerms).max(100, 'Expected at most 100 products'),
})
