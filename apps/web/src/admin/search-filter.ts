import type { Inputs } from '@pay-to-view/client'
import { addDays, createDayStart, isCalendarDate, isSupportedCurrency, isTimeZone } from '@pay-to-view/purchase'

export type SearchFilter = Pick<
  Inputs['admin']['purchases']['search'],
  | 'userIdPrefix'
  | 'entityId'
  | 'payToViewProductId'
  | 'promotionCode'
  | 'country'
  | 'currency'
  | 'status'
  | 'externalTransactionId'
  | 'createdFrom'
  | 'createdTo'
>

export const statuses = ['Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack'] as const

/**
 * Whether the text in the "purchase or payment" field is a purchase id. An imported purchase's id may be any text that does not
 * start with `pi_`, the prefix of payment intent ids.
 */
export const isPurchaseId = (text: string): boolean => text !== '' && !text.startsWith('pi_')

/** A filter with an invalid value. Ignoring the value would list and export other users' purchases. */
export class UnreadableFilterError extends Error {
  override name = 'UnreadableFilterError'
}

/** Returns the start of a day, shifted by `addedDays`, in the given time zone or, by default, in the browser's time zone. */
const startOfDay = (label: string, day: string, timezone: string | undefined, addedDays = 0): string => {
  if (timezone !== undefined && isCalendarDate(day)) return createDayStart(timezone)(addDays(day, addedDays)).toISOString()
  const start = new Date(`${day}T00:00:00`)
  // Date parses 2026-02-31 as March 3.
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && start.getDate() === Number(day.slice(8))
  start.setDate(start.getDate() + addedDays)
  // For years after 9999, toISOString uses a different format, which the API rejects.
  const iso = isDay ? start.toISOString() : ''
  if (!/^\d{4}-/.test(iso)) {
    throw new UnreadableFilterError(`“${label}” is not a valid date: ${day}. Enter a year from 0001 to 9998.`)
  }
  return iso
}

const statusOf = (text: string): (typeof statuses)[number] => {
  const status = statuses.find((known) => known === text)
  if (!status) throw new UnreadableFilterError(`There is no status “${text}”.`)
  return status
}

const countryOf = (text: string): string => {
  if (!/^[a-z]{2}$/i.test(text))
    throw new UnreadableFilterError(`“Country” is not a two-letter code: ${text}. Enter a code such as DE.`)
  return text.toUpperCase()
}

const currencyOf = (text: string): string => {
  const currency = text.toLowerCase()
  if (!isSupportedCurrency(currency)) throw new UnreadableFilterError(`There is no currency “${text}”. Enter a code such as EUR.`)
  return currency
}

const timeZoneOf = (text: string): string => {
  if (!isTimeZone(text)) throw new UnreadableFilterError(`There is no time zone “${text}”.`)
  return text
}

/** Converts the form's fields to the API's filter. The end date is inclusive. Throws UnreadableFilterError. */
const readFilter = (search: URLSearchParams): SearchFilter => {
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = search.get(name)?.trim()
    return text ? parse(text) : undefined
  }
  const timezone = read('timezone', timeZoneOf)
  const [createdFrom, createdTo] = [
    read('from', (day) => startOfDay('From', day, timezone)),
    read('to', (day) => startOfDay('To', day, timezone, 1)),
  ]
  if (createdFrom !== undefined && createdTo !== undefined && createdFrom >= createdTo)
    throw new UnreadableFilterError('“To” is before “From”, so no purchase can match.')
  return {
    userIdPrefix: read('user', String),
    entityId: read('entity', String),
    payToViewProductId: read('product', String),
    promotionCode: read('code', String),
    country: read('country', countryOf),
    currency: read('currency', currencyOf),
    status: read('status', statusOf),
    externalTransactionId: read('payment', String),
    ...{ createdFrom, createdTo },
  }
}

/** The filter and its time zone, or an error if the filter cannot be read. The time zone is undefined if it is the browser's. */
type ReadFilter = { filter: SearchFilter; timezone: string | undefined } | { error: string }

/** Reads the filter from the query string. */
export const searchFilter = (search: URLSearchParams): ReadFilter => {
  try {
    return { filter: readFilter(search), timezone: search.get('timezone')?.trim() || undefined }
  } catch (error) {
    if (error instanceof UnreadableFilterError) return { error: error.message }
    throw error
  }
}
