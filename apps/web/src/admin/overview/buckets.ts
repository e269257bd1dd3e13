import { addDays, daysBetween } from '@pay-to-view/purchase'
import { addFigures, type Figures, noFigures } from './figures.ts'
import type { Period } from './period.ts'

export interface Bucket {
  /** Its first day; for a month, the first of that month. */
  start: string
  label: string
  figures: Figures
}

/** More days than this are shown as months. */
const maxPlottedDays = 100

const formatUtc = (options: Intl.DateTimeFormatOptions): ((date: string) => string) => {
  const format = new Intl.DateTimeFormat('en', { timeZone: 'UTC', ...options })
  return (date) => format.format(Date.parse(`${date}T00:00:00Z`))
}

/** `2026-03-29` -> `Mar 29, 2026`. */
export const formatDay = formatUtc({ dateStyle: 'medium' })
const formatMonth = formatUtc({ year: 'numeric', month: 'long' })

export const isByMonth = ({ from, to }: Period): boolean => daysBetween(from, to) > maxPlottedDays

/** Whether the first or last month of a period is only partly within it. */
export const hasPartialMonth = ({ from, to }: Period): boolean => !from.endsWith('-01') || !to.endsWith('-01')

/** The figures of one currency by day, or by month if there are many days. Days without sales are zero. */
export const toBuckets = (period: Period, items: readonly (Figures & { key: string | null })[]): Bucket[] => {
  const byDay = new Map(items.map((item) => [item.key, item]))
  const isMonths = isByMonth(period)
  const buckets = new Map<string, Bucket>()
  for (let day = period.from; day < period.to; day = addDays(day, 1)) {
    const start = isMonths ? `${day.slice(0, 7)}-01` : day
    const bucket = buckets.get(start) ?? { start, label: (isMonths ? formatMonth : formatDay)(start), figures: noFigures }
    const figures = byDay.get(day)
    buckets.set(start, figures ? { ...bucket, figures: addFigures(bucket.figures, figures) } : bucket)
  }
  return [...buckets.values()]
}
