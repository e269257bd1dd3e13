import { fractionDigits } from '@pay-to-view/purchase'

/** The language of the pages, not of the browser: English text with German dates is hard to read. */
const locale = 'en'

/** Formats an amount in minor units, with as many decimals as Stripe uses for the currency. */
export const formatMoney = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** digits)
}

export { formatAmount as amountFieldValue, hasThousandsSeparator, parseAmount } from '@pay-to-view/purchase'

export const formatDate = (iso: string): string => new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(iso))

export const formatDateTime = (iso: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso))

/** Includes seconds, so that operators can compare it with logs. */
export const formatTimestamp = (iso: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))

export const formatAccessLength = (days: number | null): string =>
  days === null ? 'Permanent access' : `${new Intl.NumberFormat(locale).format(days)}-day rental`

export const entityTypeName = (entityType: 1 | 2 | 3): string => ({ 1: 'Film', 2: 'Channel', 3: 'Reading and music' })[entityType]
