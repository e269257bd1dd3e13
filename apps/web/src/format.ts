import { fractionDigits } from '@pay-to-view/purchase'

/** The language of the pages, not of the browser: English text with German dates is hard to read. */
const locale = 'en'

/** Formats an amount in minor units, with as many decimals as Stripe uses for the currency. */
export const formatMoney = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** digits)
}

/**
 * Parses `4.99` or `4,99` to minor units. Returns null if the text is not a valid amount of the currency, or if its separator may stand for
 * thousands: `1,250` is 1250 to some and 1.25 to others.
 */
export const parseAmount = (text: string, currency: string): number | null => {
  const digits = fractionDigits(currency)
  const [, whole = '', separator, fraction = ''] = /^(\d{1,9})(?:([.,])(\d+))?$/.exec(text.trim()) ?? []
  const isAmbiguous = separator === ',' && fraction.length === 3
  return whole === '' || fraction.length > digits || isAmbiguous ? null : Number(whole + fraction.padEnd(digits, '0'))
}

/** Whether text that `parseAmount` rejected seems to be a number with thousands separators. */
export const hasThousandsSeparator = (text: string): boolean =>
  /^\d{1,3}([.,' \u00a0\u202f\u2019]\d{3})+([.,]\d*)?$/.test(text.trim())

/** Formats minor units as the value of an input field; the inverse of `parseAmount`. */
export const amountFieldValue = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  return (amount / 10 ** digits).toFixed(digits)
}

export const formatDate = (iso: string): string => new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(iso))

export const formatDateTime = (iso: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso))

/** Includes seconds, so that operators can compare it with logs. */
export const formatTimestamp = (iso: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))

export const formatAccessLength = (days: number | null): string =>
  days === null ? 'Permanent access' : `${new Intl.NumberFormat(locale).format(days)}-day rental`

export const entityTypeName = (entityType: 1 | 2 | 3): string => ({ 1: 'Film', 2: 'Channel', 3: 'Reading and music' })[entityType]
