import type { TRPCProcedureType } from '@trpc/server'
import { z } from 'zod'
import { appRouter } from './app-router.ts'
import type { RestMeta, RestPath } from './rest-meta.ts'

/** A procedure that has a REST path. */
export interface RestProcedure {
  /** Its dotted path in the router. */
  name: string
  type: TRPCProcedureType
  rest: RestPath
  /** By name. */
  input: Readonly<Record<string, z.ZodType>>
  output: z.ZodType
}

type Described = { _def: { type: TRPCProcedureType; meta?: RestMeta; inputs: unknown[]; output?: unknown } }

export const isDescribed = (procedure: unknown): procedure is Described => typeof procedure === 'function' && '_def' in procedure

/** Every procedure that says where it is in REST. */
export const restProcedures = (): RestProcedure[] =>
  // At run time the procedures of all routers stand here under their dotted paths.
  Object.entries<unknown>(appRouter._def.procedures).flatMap(([name, procedure]): RestProcedure[] => {
    if (!isDescribed(procedure)) return []
    const { type, meta: { rest } = {}, inputs, output } = procedure._def
    if (!rest) return []
    const [input] = inputs
    if (!(input instanceof z.ZodObject) || !(output instanceof z.ZodType)) {
      throw new TypeError(`${name} has a REST path, so its input has to be an object and its output has to be said`)
    }
    return [{ name, type, rest, input: input.shape, output }]
  })
