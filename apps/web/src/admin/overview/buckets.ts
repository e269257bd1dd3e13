import { addDays, dayStarts, daysBetween, hourStarts } from '@pay-to-view/purchase'
import { formatDay } from '../../format.ts'
import { dateIn, type Period } from './period.ts'

export type BucketUnit = 'hour' | 'day' | 'month'

export interface Bucket<Values> {
  /** The start of the hour, the day, or the first day of the month. */
  key: string
  /** The position on the time axis, in seconds since the epoch: the start of an hour, or midnight UTC of a day or of a month's first day. */
  seconds: number
  label: string
  /** Whether the bucket starts in the future, so its values are not known yet. */
  isFuture: boolean
  values: Values
}

/** Periods of up to this many days are shown by hour. */
const maxDaysByHour = 2
/** Periods of more days than this are shown by month. */
const maxPlottedDays = 100

const monthFormat = new Intl.DateTimeFormat('en', { timeZone: 'UTC', year: 'numeric', month: 'long' })

const formatMonth = (date: string): string => monthFormat.format(secondsOf(date) * 1_000)

export const bucketUnit = ({ from, to }: Pick<Period, 'from' | 'to'>): BucketUnit => {
  const days = daysBetween(from, to)
  if (days <= maxDaysByHour) return 'hour'
  return days > maxPlottedDays ? 'month' : 'day'
}

/** How to group the report that `toBuckets` needs. */
export const reportGroup = (period: Pick<Period, 'from' | 'to'>): 'hour' | 'day' =>
  bucketUnit(period) === 'hour' ? 'hour' : 'day'

/** Whether the period's first or last month is incomplete. */
export const hasPartialMonth = ({ from, to }: Period): boolean => !from.endsWith('-01') || !to.endsWith('-01')

/** The hours of a period. If daylight saving time ends in the period, one hour occurs twice, so the labels include the UTC offset. */
const hoursOf = ({ from, to, timezone }: Period): Omit<Bucket<unknown>, 'values' | 'isFuture'>[] => {
  const { starts, end } = dayStarts(from, to, timezone)
  const hours = hourStarts(starts, end)
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone: timezone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' },
    ...(starts.length > 1 && { month: 'short', day: 'numeric' }),
    ...(hours.length > starts.length * 24 && { timeZoneName: 'shortOffset' }),
  })
  return hours.map((start) => ({ key: start.toISOString(), seconds: start.getTime() / 1_000, label: format.format(start) }))
}

const daysOf = ({ from, to }: Period): string[] =>
  Array.from({ length: daysBetween(from, to) }, (_, index) => addDays(from, index))

const secondsOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 1_000

/**
 * Returns a period's buckets with the values of a report grouped by `reportGroup`. Hours and days that the report does not
 * contain get `none`. A month is the sum of its days.
 */
export const toBuckets = <Values>(
  period: Period,
  items: readonly (Values & { key: string | null })[],
  { none, add }: { none: Values; add: (a: Values, b: Values) => Values },
  now = new Date(),
): Bucket<Values>[] => {
  const byKey = new Map<string | null, Values>(items.map((item) => [item.key, item]))
  const unit = bucketUnit(period)
  if (unit === 'hour') {
    const isFuture = ({ key }: { key: string }): boolean => key > now.toISOString()
    return hoursOf(period).map((hour) => ({ ...hour, isFuture: isFuture(hour), values: byKey.get(hour.key) ?? none }))
  }
  const today = dateIn(period.timezone, now)
  const buckets = new Map<string, Bucket<Values>>()
  for (const day of daysOf(period)) {
    const key = unit === 'month' ? `${day.slice(0, 7)}-01` : day
    const label = (unit === 'month' ? formatMonth : formatDay)(key)
    const bucket = buckets.get(key) ?? { key, seconds: secondsOf(key), label, isFuture: day > today, values: none }
    const values = byKey.get(day)
    buckets.set(key, values ? { ...bucket, values: add(bucket.values, values) } : bucket)
  }
  return [...buckets.values()]
}
