import { fractionDigits } from '@pay-to-view/purchase'

/** `499, 'usd'` as the reader's language writes it. Money is in minor units, as many as Stripe counts. */
export const money = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return new Intl.NumberFormat(undefined, format).format(amount / 10 ** digits)
}

/** `4.99` or `4,99` in minor units; null for what is no amount of the currency. */
export const minorUnits = (text: string, currency: string): number | null => {
  const digits = fractionDigits(currency)
  const [, whole = '', part = ''] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim()) ?? []
  return whole === '' || part.length > digits ? null : Number(whole + part.padEnd(digits, '0'))
}

/** The opposite, as it is written into a field. */
export const majorUnits = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  return (amount / 10 ** digits).toFixed(digits)
}

export const date = (iso: string): string => new Intl.DateTimeFormat(undefined, { dateStyle: 'long' }).format(new Date(iso))

export const moment = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso))

/** The same, short and to the second: what an operator compares with logs. */
export const stamp = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))

export const duration = (days: number | null): string =>
  days === null ? 'yours to keep' : `watch for ${new Intl.NumberFormat().format(days)} ${days === 1 ? 'day' : 'days'}`

export const kindOf = (entityType: 1 | 2 | 3): string => ({ 1: 'Film', 2: 'Channel', 3: 'Reading and music' })[entityType]
