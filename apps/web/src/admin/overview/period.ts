import { addDays, daysBetween, isCalendarDate, isTimeZone } from '@pay-to-view/purchase'
import { formatDay, formatNumber } from '../../format.ts'
import { currentName, ownTimeZone } from '../time-zones.ts'

/** Periods that end today. The query string may also contain a preset's number of days, such as `period=365`. */
export const presets = [
  { value: 'today', name: 'Today', days: 1 },
  { value: '7', name: 'Last 7 days', days: 7 },
  { value: '30', name: 'Last 30 days', days: 30 },
  { value: '90', name: 'Last 90 days', days: 90 },
  { value: 'year', name: 'Last 365 days', days: 365 },
] as const

const defaultPreset = presets[2]

/** Dates in a time zone. `to` is the day after the last day, as in the API. */
export interface Period {
  from: string
  to: string
  timezone: string
}

export interface ChosenPeriod extends Period {
  /** A value of `presets`, or `custom`. */
  preset: string
}

/** The values of the form's fields. Invalid values are kept and shown with an error. */
export interface PeriodFields {
  /** A value of `presets`, `custom`, or an unknown value from the query string. */
  preset: string
  timezone: string
  from: string
  to: string
}

export interface PeriodError {
  field: keyof PeriodFields
  message: string
}

const maxDays = 3_660

/**
 * The API accepts dates from the year 2000 to 2999. The page's limit is a year earlier, because the API's `to` is the day after
 * the last day.
 */
const isDay = (date: string): boolean => isCalendarDate(date) && date < '2999'

/** Returns the date in a time zone at a given moment. The Swedish locale formats dates as YYYY-MM-DD. */
export const dateIn = (timeZone: string, moment: Date): string => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(moment)

const customError = (first: string, last: string): PeriodError | null => {
  const field = [first, last].findIndex((date) => !isDay(date))
  if (field >= 0) return { field: field === 0 ? 'from' : 'to', message: 'Enter a date from the years 2000 to 2998.' }
  const days = daysBetween(first, last) + 1
  if (days < 1) return { field: 'to', message: `The last day must not be before the first day, ${formatDay(first)}.` }
  return days > maxDays ? { field: 'to', message: `Enter a period of at most ${formatNumber(maxDays)} days.` } : null
}

const presetOf = (value: string) => presets.find((known) => known.value === value || String(known.days) === value)

/** The form's values, and either the period or an error. */
export type ReadPeriod = { fields: PeriodFields } & ({ period: ChosenPeriod } | { error: PeriodError })

/** Reads the period from the query string: either `period`, or `from` and `to` with the first and last day. Also reads `timezone`. */
export const readPeriod = (search: URLSearchParams, now: Date): ReadPeriod => {
  const zone = search.get('timezone') || ownTimeZone()
  const isKnown = isTimeZone(zone)
  const timezone = isKnown ? currentName(zone) : ownTimeZone()
  const [first, last] = [search.get('from'), search.get('to')]
  const isCustom = first !== null || last !== null
  const value = search.get('period')
  const preset = value === null ? defaultPreset : presetOf(value)
  const end = addDays(dateIn(timezone, now), 1)
  const days = isCustom ? null : { from: addDays(end, -(preset ?? defaultPreset).days), to: end }
  const fields: PeriodFields = {
    preset: isCustom ? 'custom' : (preset?.value ?? value ?? ''),
    timezone: isKnown ? timezone : zone,
    from: days?.from ?? first ?? '',
    to: days ? addDays(days.to, -1) : (last ?? ''),
  }
  if (!isKnown) return { fields, error: { field: 'timezone', message: `There is no time zone “${zone}”.` } }
  if (days === null) {
    const error = customError(fields.from, fields.to)
    if (error) return { fields, error }
    return { fields, period: { from: fields.from, to: addDays(fields.to, 1), timezone, preset: 'custom' } }
  }
  if (preset) return { fields, period: { ...days, timezone, preset: preset.value } }
  const known = presets.map((one) => one.days).join(', ')
  return { fields, error: { field: 'preset', message: `There is no period “${value}”. The periods in days are ${known}.` } }
}

/** The preceding period of the same length, or null if there are no figures that early. */
export const periodBefore = ({ from, to, timezone }: Period): Period | null => {
  const start = addDays(from, -daysBetween(from, to))
  return isCalendarDate(start) ? { from: start, to: from, timezone } : null
}

/** The last day of a period. */
export const lastDay = ({ to }: Period): string => addDays(to, -1)

/** Explains that a period is not over, so its figures may still grow. Returns null for a past period. */
export const unfinishedText = (period: Period, now: Date): string | null => {
  const today = dateIn(period.timezone, now)
  if (today < period.from) return 'The period has not started yet.'
  if (today === lastDay(period)) return 'The last day is incomplete.'
  return today < period.to ? 'The period is not over yet.' : null
}

/** The query string of a report page with this period and currency. A preset is kept as a preset, so the link will show current figures later. */
export const reportQuery = (period: ChosenPeriod, currency: string): URLSearchParams =>
  new URLSearchParams({
    ...(period.preset === 'custom' ? { from: period.from, to: lastDay(period) } : { period: period.preset }),
    timezone: period.timezone,
    currency,
  })
