import { callTRPCProcedure } from '@trpc/server'
import { z } from 'zod'
import { appRouter } from './app-router.ts'
import { classify } from './classify.ts'
import { ApiError } from './errors.ts'
import type { RestPath } from './rest-meta.ts'
import { type RestProcedure, restProcedures } from './rest-procedures.ts'
import type { Context } from './trpc.ts'

/** A REST path that calls a procedure. */
export interface RestRoute extends Pick<RestPath, 'method' | 'path'> {
  call(request: RestRequest, context: Context): Promise<unknown>
}

export interface RestRequest {
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  /** By its name in lower case. */
  header: (name: string) => string | undefined
}

const typeOf = (schema: z.ZodType | undefined): unknown => schema && z.toJSONSchema(schema, { io: 'input' }).type

/**
 * Query strings are text: what the input's schema wants as a number or a list is made one here, so that the procedures themselves need
 * not take "5" for a number.
 */
const readQuery = (query: URLSearchParams, types: ReadonlyMap<string, unknown>): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name)
    const [value = '', ...more] = values
    const type = types.get(name)
    if (type === 'array') read[name] = values
    else if (more.length > 0) throw new ApiError('validation', { field: name, message: 'Expected it once' })
    else read[name] = (type === 'integer' || type === 'number') && /^-?\d+$/.test(value) ? Number(value) : value
  }
  return read
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readBody = (body: unknown): Record<string, unknown> => {
  if (body === undefined || body === null) return {}
  if (isObject(body)) return body
  throw new ApiError('validation', { field: 'body', message: 'Expected a JSON object' })
}

/** Names fields as the caller of the path knows them. */
const renamed = (error: unknown, names: Readonly<Record<string, string>>): unknown => {
  const known = classify(error)
  if (!known.fields.some(({ field }) => names[field])) return error
  return new ApiError(known.code, {
    fields: known.fields.map(({ field, message }) => ({ field: names[field] ?? field, message })),
  })
}

const routeOf = ({ name, type, rest: { method, path, headers = {} }, input }: RestProcedure): RestRoute => {
  const types = new Map(Object.entries(input).map(([field, schema]) => [field, typeOf(schema)]))
  return {
    method,
    path,
    call: async ({ params, query, body, header }, ctx) => {
      const sent = method === 'GET' ? readQuery(query, types) : readBody(body)
      for (const [field, name] of Object.entries(headers)) {
        if (field in sent) throw new ApiError('validation', { field, message: `Expected it in the header ${name}` })
      }
      const inHeaders = Object.entries(headers).map(([field, from]) => [field, header(from.toLowerCase())])
      const whole = { ...sent, ...Object.fromEntries(inHeaders), ...params }
      try {
        const getRawInput = async (): Promise<unknown> => whole
        return await callTRPCProcedure({
          router: appRouter,
          path: name,
          type,
          getRawInput,
          ctx,
          signal: undefined,
          batchIndex: 0,
        })
      } catch (error) {
        throw renamed(error, headers)
      }
    },
  }
}

/** The REST paths. They call the procedures themselves: nothing is decided twice. */
export const restRoutes = (): RestRoute[] => restProcedures().map(routeOf)
