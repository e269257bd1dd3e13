/** `499, 'usd'` as the reader's language writes it. Money is in minor units. */
export const money = (amount: number, currency: string): string => {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

export const date = (iso: string): string => new Intl.DateTimeFormat(undefined, { dateStyle: 'long' }).format(new Date(iso))

export const moment = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso))

export const duration = (days: number | null): string =>
  days === null
    ? 'yours to keep'
    : `watch for ${new Intl.NumberFormat(undefined, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(days)}`

export const kindOf = (entityType: 1 | 2 | 3): string => ({ 1: 'Film', 2: 'Channel', 3: 'Reading and music' })[entityType]
