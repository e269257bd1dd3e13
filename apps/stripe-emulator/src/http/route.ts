import { z } from 'zod'
import type { Account } from '../account.ts'
import { toStripeError } from './param-errors.ts'
import { list, text } from './params.ts'
import { stripeParameters } from './stripe-api.ts'

/** An endpoint of Stripe's API. `parse` validates the parameters and returns a synchronous `run` function, which is called in a transaction. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  /** The accepted parameters, for the comparison with Stripe's OpenAPI document. */
  schema: z.ZodType
  parse: (input: unknown, version: string) => { expand: string[]; run: (account: Account, id: string) => object }
}

/** Stripe accepts only `expand[]=a` and `expand[0]=a`. */
const expandSchema = z.array(text()).default([])

/** Parameters that API version 2026-09-30.endive removed. */
const ENDIVE = '2026-09-30'
const legacyParams = { payment_method_types: list(text()).optional() }
type Legacy = z.output<z.ZodObject<typeof legacyParams>>

/** Defines an endpoint. As in Stripe, every endpoint accepts `expand` and rejects unknown parameters. */
export const route = <Shape extends z.ZodRawShape>(
  method: Route['method'],
  path: string,
  shape: Shape,
  run: (account: Account, params: z.output<z.ZodObject<Shape>>, id: string) => object,
): Route => routeWith(method, path, z.strictObject(shape), {}, (account, params, _, id) => run(account, params, id))

/** Defines an endpoint that accepted payment_method_types before 2026-09-30.endive. */
export const routeWithLegacy = <Shape extends z.ZodRawShape>(
  method: Route['method'],
  path: string,
  shape: Shape,
  run: (account: Account, params: z.output<z.ZodObject<Shape>>, legacy: Legacy) => object,
): Route => routeWith(method, path, z.strictObject(shape), legacyParams, run)

const routeWith = <Schema extends z.ZodType>(
  method: Route['method'],
  path: string,
  schema: Schema,
  legacyShape: Partial<typeof legacyParams>,
  run: (account: Account, params: z.output<Schema>, legacy: Legacy, id: string) => object,
): Route => {
  const accepted = stripeParameters(method, path)
  return {
    method,
    path,
    schema,
    parse(input, version) {
      const { expand: expandInput, ...rest }: { expand?: unknown } = typeof input === 'object' && input !== null ? input : {}
      const { legacy, current } = version < ENDIVE ? split(rest, legacyShape) : { legacy: {}, current: rest }
      const legacyParsed = z.object(legacyParams).safeParse(legacy)
      if (!legacyParsed.success) throw toStripeError(legacyParsed.error, legacy)
      const params = schema.safeParse(current)
      if (!params.success) throw toStripeError(params.error, current, accepted)
      const expand = expandSchema.safeParse(expandInput)
      if (!expand.success) throw toStripeError(expand.error, expandInput)
      return { expand: expand.data, run: (account, id) => run(account, params.data, legacyParsed.data, id) }
    },
  }
}

const split = (input: object, legacyShape: object) => {
  const isLegacy = ([name]: [string, unknown]): boolean => Object.hasOwn(legacyShape, name)
  const entries = Object.entries(input)
  return {
    legacy: Object.fromEntries(entries.filter(isLegacy)),
    current: Object.fromEntries(entries.filter((entry) => !isLegacy(entry))),
  }
}
