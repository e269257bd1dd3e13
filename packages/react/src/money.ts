import type { PurchaseItem } from './pending-reason.ts'

// Source: Stripe's "Supported currencies". Intl differs for HUF, ISK and UGX: it uses no decimals, but Stripe's amounts have two.
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const threeDecimal = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])

/** The number of decimals in a Stripe amount: 2 for usd, 0 for jpy, 3 for kwd. */
export const fractionDigits = (currency: string): number => {
  const code = currency.toLowerCase()
  return zeroDecimal.has(code) ? 0 : threeDecimal.has(code) ? 3 : 2
}

/** Formats an amount in minor units: `499, 'usd', 'en'` -> `$4.99`. The default is the browser's locale. */
export const formatMoney = (amount: number, currency: string, locale?: string): string => {
  const digits = fractionDigits(currency)
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** digits)
}

/** Returns the price in the first of `currencies` that has a price, or else the first price, which is the default. */
export const priceIn = <Price extends { currency: string }>(
  prices: readonly Price[],
  currencies: readonly string[],
): Price | undefined =>
  currencies
    .map((currency) => prices.find((price) => price.currency === currency.toLowerCase()))
    .find((price) => price !== undefined) ?? prices[0]

/** The parts of the amount paid for a purchase, in minor units of `currency`. */
export interface PriceParts {
  currency: string
  /** The price before the discount is subtracted and exclusive tax is added. */
  subtotal: number
  discount: number
  /** The promotion code that gave the discount. */
  promotionCode: string | null
  tax: number
  /** Whether the subtotal contains the tax. Otherwise, the tax was added to it. */
  isTaxIncluded: boolean
  total: number
  refunded: number
}

type PaidPurchase = Pick<
  PurchaseItem,
  | 'amountSubtotal'
  | 'amountDiscount'
  | 'amountTax'
  | 'amountPaid'
  | 'amountRefunded'
  | 'currency'
  | 'currencyPaid'
  | 'promotionCode'
  | 'completedAt'
>

/** Returns the parts of the amount paid, or null until the purchase is completed. A free order has a total of 0. */
export const priceParts = (purchase: PaidPurchase): PriceParts | null => {
  if (purchase.completedAt === null) return null
  const { amountSubtotal: subtotal, amountDiscount: discount, amountPaid: total } = purchase
  return {
    ...{ subtotal, discount, total, tax: purchase.amountTax, refunded: purchase.amountRefunded },
    currency: purchase.currencyPaid ?? purchase.currency,
    promotionCode: discount > 0 ? purchase.promotionCode : null,
    isTaxIncluded: total === subtotal - discount,
  }
}

/** Whether a purchase was completed without a payment, for example with a 100% discount. */
export const isFreeOrder = ({ completedAt, amountPaid }: Pick<PaidPurchase, 'completedAt' | 'amountPaid'>): boolean =>
  completedAt !== null && amountPaid === 0
