import type { TRPCProcedureType } from '@trpc/server'
import { z } from 'zod'
import { appRouter } from './app-router.ts'
import type { RestMeta, RestPath } from './rest-meta.ts'

/** A procedure with a REST path. */
export interface RestProcedure {
  /** The dotted path of the procedure in the router. */
  name: string
  type: TRPCProcedureType
  rest: RestPath
  operator: RestMeta['operator']
  /** Schemas by field name. */
  input: Readonly<Record<string, z.ZodType>>
  /** Whether unknown fields are rejected. */
  isStrict: boolean
  output: z.ZodType
}

type Procedure = { _def: { type: TRPCProcedureType; meta?: RestMeta; inputs: unknown[]; output?: unknown } }

export const isProcedure = (value: unknown): value is Procedure => typeof value === 'function' && '_def' in value

export const restProcedures = (): RestProcedure[] =>
  // At run time `procedures` is flat: it contains the procedures of all nested routers by dotted path.
  Object.entries<unknown>(appRouter._def.procedures).flatMap(([name, procedure]): RestProcedure[] => {
    if (!isProcedure(procedure)) return []
    const { type, meta: { rest, operator } = {}, inputs, output } = procedure._def
    if (!rest) return []
    const input = inputs[0] instanceof z.ZodDefault ? inputs[0].unwrap() : inputs[0]
    if (!(input instanceof z.ZodObject) || !(output instanceof z.ZodType)) {
      throw new TypeError(`${name} has a REST path, so it needs a z.object as its input and a schema as its output`)
    }
    const isStrict = input.def.catchall instanceof z.ZodNever
    return [{ name, type, rest, operator, input: input.shape, isStrict, output }]
  })
