import { z } from 'zod'
import type { World } from '../world.ts'
import { toStripeError } from './param-errors.ts'
import { text } from './params.ts'

/** One endpoint of Stripe's API. `read` checks the parameters; what it gives runs without awaiting, inside one transaction. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  read: (given: unknown) => { expand: string[]; run: (world: World, id: string) => object }
}

/** Stripe takes `expand[]=a`, `expand[0]=a` and nothing else. */
const expand = z.array(text()).default([])

/** Unknown parameters are refused, as Stripe does: every endpoint's schema is strict and has `expand`. */
export const route = <Shape extends z.ZodRawShape>(
  method: Route['method'],
  path: string,
  shape: Shape,
  run: (world: World, params: z.output<z.ZodObject<Shape>>, id: string) => object,
): Route => {
  const schema = z.strictObject(shape)
  return {
    method,
    path,
    read(given) {
      const { expand: expandGiven, ...rest }: { expand?: unknown } = typeof given === 'object' && given !== null ? given : {}
      const params = schema.safeParse(rest)
      if (!params.success) throw toStripeError(params.error, rest)
      const wanted = expand.safeParse(expandGiven)
      if (!wanted.success) throw toStripeError(wanted.error, expandGiven)
      return { expand: wanted.data, run: (world, id) => run(world, params.data, id) }
    },
  }
}
