/** Calendar dates in a time zone, for reports. Dates are strings in the form `YYYY-MM-DD`. */

const dayMs = 86_400_000

/**
 * Whether a string is the name of a time zone in the IANA database. Offsets such as `+02:00` are not accepted, because they have no
 * daylight saving time.
 */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const midnightUtc = (date: string): number => Date.parse(`${date}T00:00:00Z`)

const toDateString = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Whether a string is an existing date in the years 2000 to 2999. */
export const isCalendarDate = (date: string): boolean =>
  /^2\d{3}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(midnightUtc(date)) && toDateString(midnightUtc(date)) === date

/** Returns the date that is the given number of days later. */
export const addDays = (date: string, days: number): string => toDateString(midnightUtc(date) + days * dayMs)

/** Returns the number of days from one date to another. */
export const daysBetween = (from: string, to: string): number => Math.round((midnightUtc(to) - midnightUtc(from)) / dayMs)

/**
 * Returns a function that gives the UTC offset of a time zone at a time, in milliseconds. The offset is positive if local time is ahead of
 * UTC.
 */
const createOffset = (timeZone: string): ((time: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]))
    const [year = 0, month = 1, ...rest] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map((type) =>
      parts.get(type),
    )
    const [day = 1, hour = 0, minute = 0, second = 0] = rest
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1_000) * 1_000
  }
}

/**
 * Returns a function that gives the first moment of a date in a time zone. This is midnight, or the end of the gap if the clock change
 * skips midnight.
 */
export const createDayStart = (timeZone: string): ((date: string) => Date) => {
  const offsetAt = createOffset(timeZone)
  return (date) => {
    const midnight = midnightUtc(date)
    // The offset changes at most once in these two days.
    const [before, after] = [offsetAt(midnight - dayMs), offsetAt(midnight + dayMs)]
    const exact = [before, after].filter((offset) => offsetAt(midnight - offset) === offset).map((offset) => midnight - offset)
    return new Date(exact.length > 0 ? Math.min(...exact) : midnight - before)
  }
}

/** Returns the start of each day from `from` up to but not including `to`, and the start of `to` as `end`. */
export const dayStarts = (from: string, to: string, timeZone: string): { dates: string[]; starts: Date[]; end: Date } => {
  const startOf = createDayStart(timeZone)
  const dates = Array.from({ length: daysBetween(from, to) }, (_, index) => addDays(from, index))
  return { dates, starts: dates.map(startOf), end: startOf(to) }
}

const hourMs = 3_600_000

/**
 * Returns the start of each hour of the given days. `days` contains the start of each day; `end` is the end of the last day. A day on which
 * daylight saving time starts or ends has 23 or 25 hours.
 */
export const hourStarts = (days: readonly Date[], end: Date): Date[] =>
  days.flatMap((start, index) => {
    const next = days[index + 1] ?? end
    const hours = Math.ceil((next.getTime() - start.getTime()) / hourMs)
    return Array.from({ length: hours }, (_, hour) => new Date(start.getTime() + hour * hourMs))
  })
