import { isSupportedCurrency, maxAccessMs, maxAccessYears } from '@pay-to-view/purchase'
import { z } from 'zod'

/** Reports the same message for a value that is missing, is not a string, or is a different kind of id. */
export const idSchema = (expected: string, pattern: RegExp) => z.string(expected).regex(pattern, expected)

/**
 * The id of an object that pay-to-view has created. Every id that could be an id of ours or another backend's is accepted, so an id that
 * does not exist is reported as not found, whatever its form.
 */
export const generatedId = (expected: string) => idSchema(expected, /^[A-Za-z0-9._~:@=+,-]{1,200}$/)

export const Money = z.int().meta({ description: 'In minor units of the currency (such as cents)' })
/** A currency in a response. */
export const Currency = z.string().meta({ description: 'ISO 4217 code in lowercase', example: 'usd' })

const expectedCurrency = 'Expected a three-letter currency code, such as eur'

/** A currency in a request, in upper or lower case as in Stripe's API, converted to lowercase. */
export const CurrencyCode = z
  .string(expectedCurrency)
  .regex(/^[a-zA-Z]{3}$/, { error: expectedCurrency, abort: true })
  .toLowerCase()
  .meta({ description: 'ISO 4217 code', example: 'usd' })
/** A currency in a request that Stripe can charge in. */
export const SupportedCurrency = CurrencyCode.refine(
  isSupportedCurrency,
  'Unknown currency. Expected a currency that Stripe supports, such as usd',
)
/** A time in a response. */
export const Time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' })

/** Adds the seconds to a time without seconds, which `z.iso.datetime` requires. */
const withSeconds = (time: string): string => time.replace(/(?<=T\d\d:\d\d)(?=(Z|[+-]\d\d:\d\d)$)/, ':00')

const expectedTime = 'Expected an ISO 8601 time with Z or an offset, such as 2026-11-28T12:00:00Z'

/** Converts a time to UTC. Returns any other string unchanged. */
const toUtc = (time: string): string => {
  const milliseconds = Date.parse(time)
  return Number.isNaN(milliseconds) ? time : new Date(milliseconds).toISOString()
}

/** A time in a request, with any offset, converted to UTC. Postgres has no year 0, and a year of five digits has a sign in ISO 8601. */
export const Timestamp = z
  .string(expectedTime)
  .overwrite(withSeconds)
  .check(z.iso.datetime({ offset: true, error: expectedTime }))
  .overwrite(toUtc)
  .regex(/^(?!0000|[+-])/, 'Expected a year from 0001 to 9999, in UTC')
  .meta({ description: 'ISO 8601 with Z or an offset, such as +01:00 (in a query, write + as %2B)', format: 'date-time' })

/** The start or end of a period of access. A date in the distant future is assumed to be a mistyped year. */
export const TimestampWithinYears = Timestamp.refine(
  (time) => !(Date.parse(time) > Date.now() + maxAccessMs),
  `Expected a time within ${maxAccessYears} years`,
)
