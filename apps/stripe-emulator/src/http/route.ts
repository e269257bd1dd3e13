import { z } from 'zod'
import type { Account } from '../account.ts'
import { toStripeError } from './param-errors.ts'
import { text } from './params.ts'
import { stripeParameters } from './stripe-api.ts'

/** An endpoint of Stripe's API. `parse` validates the parameters; the `run` that it returns is synchronous and runs in one transaction. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  parse: (input: unknown) => { expand: string[]; run: (account: Account, id: string) => object }
}

/** Stripe accepts only `expand[]=a` and `expand[0]=a`. */
const expandSchema = z.array(text()).default([])

/** Every endpoint accepts `expand` and, like Stripe, rejects unknown parameters. */
export const route = <Shape extends z.ZodRawShape>(
  method: Route['method'],
  path: string,
  shape: Shape,
  run: (account: Account, params: z.output<z.ZodObject<Shape>>, id: string) => object,
): Route => {
  const schema = z.strictObject(shape)
  return {
    method,
    path,
    parse(input) {
      const { expand: expandInput, ...rest }: { expand?: unknown } = typeof input === 'object' && input !== null ? input : {}
      const params = schema.safeParse(rest)
      if (!params.success) throw toStripeError(params.error, rest, stripeParameters(method, path))
      const expand = expandSchema.safeParse(expandInput)
      if (!expand.success) throw toStripeError(expand.error, expandInput)
      return { expand: expand.data, run: (account, id) => run(account, params.data, id) }
    },
  }
}
