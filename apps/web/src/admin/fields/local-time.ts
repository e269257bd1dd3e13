import { ownTimeZone } from '../time-zones.ts'

/** Formats a time as `2026-12-31T23:59` in the browser's time zone, for a `datetime-local` input. */
export const toLocalTime = (iso: string | null): string => {
  if (iso === null) return ''
  const time = new Date(iso)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/**
 * The inverse of `toLocalTime`; returns null for an empty field. An unchanged field keeps the seconds of the original time,
 * which the input does not show.
 */
export const fromLocalTime = (text: string, original: string | null): string | null => {
  if (text === '') return null
  return text === toLocalTime(original) ? original : new Date(text).toISOString()
}

/** The hint that names the time zone of a form's fields. */
export const timeZoneHint = `In your time zone, ${ownTimeZone()}`
