import type { Inputs, Outputs } from '@pay-to-view/client'
import { checkPrice, fractionDigits, isSupportedCurrency, type Price } from '@pay-to-view/purchase'
import { amountFieldValue, formatMoney, hasThousandsSeparator, parseAmount } from '../../format.ts'
import type { FieldErrors } from '../fields/field-errors.tsx'
import { fromLocalTime, toLocalTime } from '../fields/local-time.ts'
import { nameError } from '../fields/name-error.ts'

export type Product = Outputs['admin']['products']['get']
type ProductInput = Inputs['admin']['products']['put']

export interface DraftPrice {
  amount: string
  currency: string
}

/** The values of the product form. Text fields contain the text as typed. */
export interface ProductDraft {
  id: string
  name: string
  prices: DraftPrice[]
  access: 'permanent' | 'days' | 'rental'
  days: string
  startWithinDays: string
  watchWithinHours: string
  saleFrom: string
  saleUntil: string
  taxCode: string
  /** Empty for Stripe's default. */
  taxBehavior: '' | 'inclusive' | 'exclusive'
  allowPromotionCodes: boolean
  /** Empty for no limit. */
  maxStreams: string
  keepsRemovedMembers: boolean
}

export const emptyDraft: ProductDraft = {
  ...{ id: '', name: '', prices: [{ amount: '', currency: 'USD' }], access: 'permanent', days: '30' },
  ...{ startWithinDays: '30', watchWithinHours: '48', saleFrom: '', saleUntil: '' },
  ...{ taxCode: '', taxBehavior: '', allowPromotionCodes: false, maxStreams: '', keepsRemovedMembers: false },
}

export const toDraft = (product: Product): ProductDraft => ({
  id: product.id,
  name: product.name,
  prices: product.prices.map(({ amount, currency }) => ({
    amount: amountFieldValue(amount, currency),
    currency: currency.toUpperCase(),
  })),
  access: product.rental ? 'rental' : product.accessDurationDays === null ? 'permanent' : 'days',
  days: String(product.accessDurationDays ?? emptyDraft.days),
  startWithinDays: String(product.rental?.startWithinDays ?? emptyDraft.startWithinDays),
  watchWithinHours: String(product.rental?.watchWithinHours ?? emptyDraft.watchWithinHours),
  saleFrom: toLocalTime(product.saleFrom),
  saleUntil: toLocalTime(product.saleUntil),
  taxCode: product.taxCode ?? '',
  taxBehavior: product.taxBehavior ?? '',
  allowPromotionCodes: product.allowPromotionCodes,
  maxStreams: String(product.maxStreams ?? ''),
  keepsRemovedMembers: product.keepsRemovedMembers,
})

/** Returns why Stripe cannot charge a price, or null if it can. */
const describeRejection = (price: Price): string | null => {
  const rejection = checkPrice(price)
  if (rejection === null) return null
  switch (rejection.rejected) {
    case 'unsupported_currency':
      return `Stripe cannot charge in ${price.currency.toUpperCase()}. Enter another currency, such as USD`
    case 'below_minimum':
      return `Enter at least ${formatMoney(rejection.minimum, price.currency)}, Stripe's minimum`
    case 'above_maximum':
      return `Enter at most ${formatMoney(rejection.maximum, price.currency)}, Stripe's maximum`
    case 'not_a_multiple':
      return `Enter a multiple of ${formatMoney(rejection.step, price.currency)}. Stripe accepts no other amounts`
    default:
      return rejection satisfies never
  }
}

const readPrice = ({ amount: text, currency: code }: DraftPrice): Price | string => {
  const currency = code.trim().toLowerCase()
  const amount = /^[a-z]{3}$/.test(currency) ? parseAmount(text, currency) : null
  if (amount !== null) return describeRejection({ amount, currency }) ?? { amount, currency }
  return describeText(text.trim(), currency)
}

const describeDecimals = (currency: string): string =>
  fractionDigits(currency) === 0
    ? `${currency.toUpperCase()} has no decimals. Enter a whole number such as 500`
    : `${currency.toUpperCase()} has ${fractionDigits(currency)} decimals. Enter a price such as 4.99`

/** Explains why a text is not a valid price. */
const describeText = (text: string, currency: string): string => {
  const [, whole = '', decimals = ''] = /^(\d+)(?:[.,](\d+))?$/.exec(text) ?? []
  const hasKnownCurrency = isSupportedCurrency(currency)
  const isTooLong = whole.length > 9
  if (hasThousandsSeparator(text) && !isTooLong)
    return 'Enter the price without a thousands separator, and use a point for decimals, such as 1250.00 or 1.25'
  if (hasKnownCurrency && whole !== '' && decimals.length > fractionDigits(currency)) return describeDecimals(currency)
  const rejection = hasKnownCurrency && isTooLong ? describeRejection({ amount: Number.MAX_SAFE_INTEGER, currency }) : null
  return rejection ?? 'Enter a price such as 4.99 and a currency such as USD'
}

/** Returns the prices, or why the first invalid price is rejected. */
export const readPrices = (drafts: readonly DraftPrice[]): Price[] | string => {
  const prices: Price[] = []
  for (const draft of drafts) {
    const price = readPrice(draft)
    if (typeof price === 'string') return price
    if (prices.some(({ currency }) => currency === price.currency))
      return `Enter only one price in ${price.currency.toUpperCase()}`
    prices.push(price)
  }
  return prices
}

const wholeNumber = (text: string): number | null => (/^[1-9]\d{0,5}$/.test(text.trim()) ? Number(text) : null)

const readAccess = (draft: ProductDraft): Pick<ProductInput, 'accessDurationDays' | 'rental'> | null => {
  if (draft.access === 'permanent') return { accessDurationDays: null, rental: null }
  if (draft.access === 'days') {
    const days = wholeNumber(draft.days)
    return days === null ? null : { accessDurationDays: days, rental: null }
  }
  const startWithinDays = wholeNumber(draft.startWithinDays)
  const watchWithinHours = wholeNumber(draft.watchWithinHours)
  if (startWithinDays === null || watchWithinHours === null) return null
  return { accessDurationDays: null, rental: { startWithinDays, watchWithinHours } }
}

/** Returns null for a blank field, and undefined if the text is not a whole number. */
const readMaxStreams = ({ maxStreams }: ProductDraft): number | null | undefined =>
  maxStreams.trim() === '' ? null : (wholeNumber(maxStreams) ?? undefined)

/** Converts the form's values to the API's input, or returns the errors to correct. `before` is the stored product. */
export const readDraft = (draft: ProductDraft, before: Product | null): { product: ProductInput } | { errors: FieldErrors } => {
  const prices = readPrices(draft.prices)
  const access = readAccess(draft)
  const maxStreams = readMaxStreams(draft)
  const invalidName = nameError(draft.name, 'Enter a name')
  const errors: FieldErrors = {
    ...(maxStreams === undefined && { maxStreams: 'Enter a whole number of at least 1, or leave it blank' }),
    ...(invalidName !== undefined && { name: invalidName }),
    ...(typeof prices === 'string' && { prices }),
    ...(access === null && { access: 'Enter whole numbers of at least 1' }),
  }
  if (Object.keys(errors).length > 0 || typeof prices === 'string') return { errors }
  const product: ProductInput = {
    ...(before && { id: before.id, status: before.status }),
    ...(draft.id.trim() !== '' && { id: draft.id.trim() }),
    ...{ name: draft.name.trim(), prices, ...access },
    saleFrom: fromLocalTime(draft.saleFrom, before?.saleFrom ?? null),
    saleUntil: fromLocalTime(draft.saleUntil, before?.saleUntil ?? null),
    taxCode: draft.taxCode.trim() || null,
    taxBehavior: draft.taxBehavior || null,
    ...{ maxStreams, allowPromotionCodes: draft.allowPromotionCodes, keepsRemovedMembers: draft.keepsRemovedMembers },
  }
  return { product }
}
