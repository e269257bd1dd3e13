import { addDays, dayStarts, daysBetween, hourStarts } from '@pay-to-view/purchase'
import { formatDay } from '../../format.ts'
import { dateIn, type Period } from './period.ts'

export type BucketUnit = 'hour' | 'day' | 'month'

export interface Bucket<Values> {
  /** The start of the hour, the day, or the first day of the month. */
  key: string
  /**
   * The position in the plot, in seconds since the epoch: an hour at its start, a day or month at midnight UTC of its first day.
   */
  seconds: number
  label: string
  /** Whether it starts later than now, so its values are not known yet. */
  isFuture: boolean
  values: Values
}

/** Up to this many days are shown as hours. */
const maxDaysByHour = 2
/** More days than this are shown as months. */
const maxPlottedDays = 100

const monthFormat = new Intl.DateTimeFormat('en', { timeZone: 'UTC', year: 'numeric', month: 'long' })

const formatMonth = (date: string): string => monthFormat.format(secondsOf(date) * 1_000)

export const bucketUnit = ({ from, to }: Pick<Period, 'from' | 'to'>): BucketUnit => {
  const days = daysBetween(from, to)
  if (days <= maxDaysByHour) return 'hour'
  return days > maxPlottedDays ? 'month' : 'day'
}

/** The groups of the report from which `toBuckets` makes its buckets. */
export const reportGroup = (period: Pick<Period, 'from' | 'to'>): 'hour' | 'day' =>
  bucketUnit(period) === 'hour' ? 'hour' : 'day'

/** Whether the period contains only part of its first or last month. */
export const hasPartialMonth = ({ from, to }: Period): boolean => !from.endsWith('-01') || !to.endsWith('-01')

/** The hours of a period. An hour that occurs twice, at the end of daylight saving time, has its offset in its label. */
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
 * Returns the buckets of a period with the values of a report that is grouped by `reportGroup`. Hours and days that are missing
 * from the report get the values `none`; a month is the sum of its days.
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
