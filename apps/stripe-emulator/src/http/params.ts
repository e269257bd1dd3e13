import { z } from 'zod'
import { currencyError } from '../model/money.ts'
import { invalidParam } from './errors.ts'

/**
 * Schemas that the endpoints' parameters share. Forms contain only strings, so numbers and booleans arrive as strings. A rule that zod
 * cannot express reports Stripe's message in a `ParamError`; param-errors.ts converts such messages and zod's own issues into Stripe's
 * errors.
 */
export type ParamError = { message: string | ((param: string) => string); code?: string }

const rule =
  <T>(validate: (value: T) => ParamError | undefined) =>
  (ctx: z.core.ParsePayload<T>): void => {
    const error = validate(ctx.value)
    if (error) ctx.issues.push({ code: 'custom', input: ctx.value, params: { error } })
  }

const empty: ParamError = {
  code: 'parameter_invalid_empty',
  message: (param) =>
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
}

const tooLong = (value: string, max: number): ParamError | undefined =>
  value.length > max ? { message: `Invalid string: ${value.slice(0, 20)}…; must be at most ${max} characters` } : undefined

export const text = (max = 5000) => z.string().check(rule((value) => (value === '' ? empty : tooLong(value, max))))

/** Text. An empty string unsets the parameter and becomes null. */
export const nullableText = (max = 5000) =>
  z
    .string()
    .check(rule((value) => tooLong(value, max)))
    .transform((value) => value || null)

export const int = (min = 0, max = 99_999_999_999) =>
  z
    .union([z.string(), z.number()])
    .check(
      rule((value) => {
        const code = 'parameter_invalid_integer'
        if (!/^-?\d{1,15}$/.test(String(value))) return { code, message: `Invalid integer: ${value}` }
        if (Number(value) < min) return { code, message: `This value must be greater than or equal to ${min}.` }
        return Number(value) > max ? { code, message: `This value must be less than or equal to ${max}.` } : undefined
      }),
    )
    .transform(Number)

/** A decimal such as 12.5, greater than `above`. */
export const number = (above: number, max: number) =>
  z
    .string()
    .check(
      rule((value) => {
        if (!/^\d{1,10}(\.\d{1,4})?$/.test(value)) return { message: `Invalid decimal: ${value}` }
        return Number(value) > above && Number(value) <= max
          ? undefined
          : { message: `This value must be greater than ${above} and at most ${max}.` }
      }),
    )
    .transform(Number)

export const bool = z
  .union([z.boolean(), z.string()])
  .check(rule((value) => (['true', 'false'].includes(String(value)) ? undefined : { message: `Invalid boolean: ${value}` })))
  .transform((value) => String(value) === 'true')

export const currency = z
  .string()
  .check(
    rule((value) => {
      const message = currencyError(value)
      return message ? { message } : undefined
    }),
  )
  .transform((value) => value.toLowerCase())

/** A URL, which may contain placeholders such as {CHECKOUT_SESSION_ID}. */
export const url = text().check(
  rule((value) =>
    /^https?:\/\//i.test(value) && URL.canParse(value.replaceAll(/[{}]/g, ''))
      ? undefined
      : { code: 'url_invalid', message: 'Not a valid URL' },
  ),
)

const emailError = (value: string): ParamError | undefined =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? undefined : { code: 'email_invalid', message: `Invalid email address: ${value}` }

export const email = text(512).check(rule(emailError))

export const nullableEmail = z
  .string()
  .check(rule((value) => (value === '' ? undefined : (tooLong(value, 512) ?? emailError(value)))))
  .transform((value) => value || null)

const metadataError = (metadata: Record<string, string>): ParamError | undefined => {
  const entries = Object.entries(metadata)
  if (entries.length > 50) return { message: 'You cannot have more than 50 keys in metadata.' }
  const key = entries.map(([name]) => name).find((name) => name.length > 40)
  if (key)
    return {
      message: `Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters: ${key}`,
    }
  const long = entries.find(([, value]) => value.length > 500)
  return (
    long && {
      message: `Metadata values can have up to 500 characters, but you passed in a value that is ${long[1].length} characters. Invalid value: ${long[1].slice(0, 20)}…`,
    }
  )
}

/**
 * At most 50 keys of up to 40 characters, with values of up to 500 characters (Stripe's page "Metadata"). An empty value removes its key,
 * and empty metadata removes all keys.
 */
export const metadata = z.preprocess(
  (value) => (value === '' ? null : value),
  z.record(z.string(), z.string()).check(rule(metadataError)).nullable(),
)

export type MetadataChange = z.output<typeof metadata>

export const applyMetadata = (before: Record<string, string>, change: MetadataChange | undefined): Record<string, string> => {
  if (change === undefined) return before
  if (change === null) return {}
  const kept = Object.entries({ ...before, ...change }).filter(([, value]) => value !== '')
  if (kept.length > 50) throw invalidParam('You cannot have more than 50 keys in metadata.', { param: 'metadata' })
  return Object.fromEntries(kept)
}

/** A Unix time in seconds (`created=123`) or a range of times (`created[gte]=123`). */
const range = z.strictObject({ gt: int().optional(), gte: int().optional(), lt: int().optional(), lte: int().optional() })
export const created = z.union([int(), range])

/** A list. A single value counts as a list with one item. */
export const list = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item))

export const paging = { limit: int(1, 100).default(10), starting_after: text().optional(), ending_before: text().optional() }

const optionalText = text().optional()

export const address = z.strictObject({
  city: optionalText,
  country: optionalText,
  line1: optionalText,
  line2: optionalText,
  postal_code: optionalText,
  state: optionalText,
})

export const shipping = z.strictObject({
  address,
  name: text(),
  carrier: optionalText,
  phone: optionalText,
  tracking_number: optionalText,
})

/** An address as Stripe returns it: every field is present. */
export const fullAddress = (given: Partial<Record<keyof z.output<typeof address>, string | null | undefined>> = {}) => {
  const { city = null, country = null, line1 = null, line2 = null, postal_code = null, state = null } = given
  return { city, country, line1, line2, postal_code, state }
}

export const fullShipping = ({ address, name, carrier, phone, tracking_number }: z.output<typeof shipping>) => ({
  address: fullAddress(address),
  carrier: carrier ?? null,
  name,
  phone: phone ?? null,
  tracking_number: tracking_number ?? null,
})
