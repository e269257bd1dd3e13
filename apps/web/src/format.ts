import { type EntityType, fractionDigits } from '@pay-to-view/purchase'

/** The pages' language, not the browser's: German dates in English text would be hard to read. */
const locale = 'en'

/** Formats an amount in minor units, with as many decimals as Stripe uses for the currency. */
export const formatMoney = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** digits)
}

/** Formats an amount for a plot's axis: `$12K`. */
export const formatCompactMoney = (amount: number, currency: string): string => {
  const format = { style: 'currency', currency, notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 2 } as const
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** fractionDigits(currency))
}

/** `DE` -> `Germany`. */
export const countryName = (code: string): string => {
  try {
    return new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

export { formatAmount as amountFieldValue, hasThousandsSeparator, parseAmount, smallestStep } from '@pay-to-view/purchase'

export const formatDate = (iso: string): string => new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(iso))

export const formatDateTime = (iso: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso))

/** Includes the time zone, because the document may be read in a different time zone. */
export const formatZonedTime = (iso: string): string => {
  const format = { year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const
  return new Intl.DateTimeFormat(locale, { ...format, timeZoneName: 'short' }).format(new Date(iso))
}

/** Returns a function that formats times in a time zone. The format includes seconds, so operators can compare the times with logs. */
export const timestampFormat = (timeZone?: string): ((iso: string) => string) => {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  return (iso) => format.format(new Date(iso))
}

/** Formats a time in the browser's time zone. */
export const formatTimestamp = (iso: string): string => timestampFormat()(iso)

/** Formats a calendar date: `2026-03-29` -> `Mar 29, 2026`. */
export const formatDay = (date: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`))

export const formatNumber = (value: number): string => new Intl.NumberFormat(locale).format(value)

/** `2, 'day'` -> `2 days`. */
export const formatCount = (count: number, unit: string): string => `${formatNumber(count)} ${unit}${count === 1 ? '' : 's'}`

interface AccessTerms {
  accessDurationDays: number | null
  rental: { startWithinDays: number; watchWithinHours: number } | null
}

/** Describes how long a product gives access: `Access for 30 days`. */
export const formatAccessTerms = ({ rental, accessDurationDays: days }: AccessTerms): string => {
  if (rental) {
    const { startWithinDays, watchWithinHours } = rental
    return `Start within ${formatCount(startWithinDays, 'day')}, then watch for ${formatCount(watchWithinHours, 'hour')}`
  }
  return days === null ? 'Permanent access' : `Access for ${formatCount(days, 'day')}`
}

/** `5640` -> `1 h 34 min`. Durations of less than a minute are shown in seconds. */
export const formatDuration = (seconds: number): string => {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Formats the two largest units: `2 days, 3 hours`. Seconds are shown only in the last hour. */
export const formatCountdown = ({
  days,
  hours,
  minutes,
  seconds,
}: Record<'days' | 'hours' | 'minutes' | 'seconds', number>): string => {
  const units = [
    [days, 'day'],
    [hours, 'hour'],
    [minutes, 'minute'],
    [seconds, 'second'],
  ] as const
  const first = units.findIndex(([count]) => count > 0)
  return units
    .slice(first, first + 2)
    .flatMap(([count, unit]) => (count > 0 ? [formatCount(count, unit)] : []))
    .join(', ')
}

export const entityTypeName = (type: EntityType): string =>
  ({ video: 'Film', channel: 'Channel', content: 'Reading and music' })[type]
