import { addDays, daysBetween, isCalendarDate, isTimeZone } from '@pay-to-view/purchase'

/** Periods that end today. */
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

/** The API's limit. */
const maxDays = 3_660

/** The browser's time zone. Some browsers do not report a named time zone. */
export const ownTimeZone = (): string => {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return isTimeZone(timeZone) ? timeZone : 'UTC'
}

/** The date of an instant in a time zone. The Swedish locale formats dates as YYYY-MM-DD. */
const dateIn = (timeZone: string, moment: Date): string => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(moment)

const readCustom = (first: string, last: string): { from: string; to: string } | { error: string } => {
  if (!isCalendarDate(first) || !isCalendarDate(last))
    return { error: 'The first and the last day must be dates from the year 2000 on, such as 2026-03-29.' }
  const to = addDays(last, 1)
  const days = daysBetween(first, to)
  if (days < 1) return { error: `The last day must not be before the first one (${first}).` }
  return days > maxDays ? { error: `Enter a period of at most ${maxDays} days.` } : { from: first, to }
}

/**
 * Reads the period from the page's query string: either `period`, or the first and last day in `from` and `to`; and the
 * `timezone`.
 */
export const readPeriod = (search: URLSearchParams, now: Date): ChosenPeriod | { error: string } => {
  const timezone = search.get('timezone') || ownTimeZone()
  if (!isTimeZone(timezone)) return { error: `There is no time zone “${timezone}”.` }
  const [first, last] = [search.get('from'), search.get('to')]
  if (first !== null || last !== null) {
    const custom = readCustom(first ?? '', last ?? '')
    return 'error' in custom ? custom : { ...custom, timezone, preset: 'custom' }
  }
  const value = search.get('period')
  const preset = value === null ? defaultPreset : presets.find((known) => known.value === value)
  if (!preset) return { error: `There is no period “${value}”.` }
  const to = addDays(dateIn(timezone, now), 1)
  return { from: addDays(to, -preset.days), to, timezone, preset: preset.value }
}

/** The preceding period of the same length, or null if there are no figures that early. */
export const periodBefore = ({ from, to, timezone }: Period): Period | null => {
  const start = addDays(from, -daysBetween(from, to))
  return isCalendarDate(start) ? { from: start, to: from, timezone } : null
}

/** The last day of a period. */
export const lastDay = ({ to }: Period): string => addDays(to, -1)

/** Whether the period's last day is incomplete, so its figures may still grow. */
export const isRunning = ({ to, timezone }: Period, now: Date): boolean => dateIn(timezone, now) < to

/** Formats a period's days and time zone as the query string of a report page. */
export const periodQuery = (period: Period): URLSearchParams =>
  new URLSearchParams({ from: period.from, to: lastDay(period), timezone: period.timezone })
