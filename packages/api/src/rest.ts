import type { OpenApiMeta } from 'trpc-to-openapi'
import { z } from 'zod'
import { appRouter, createCaller } from './app-router.ts'
import { ApiError } from './errors.ts'
import type { Context } from './trpc.ts'

/** A REST path that calls a procedure. */
export interface RestRoute {
  method: 'GET' | 'POST'
  /** In OpenAPI's form: `/purchases/{id}`. */
  path: string
  call(request: RestRequest, context: Context): Promise<unknown>
}

export interface RestRequest {
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  idempotencyKey: string | undefined
}

interface FieldSchema {
  type?: string
}

const fieldsOf = (input: unknown): Record<string, FieldSchema> => {
  if (!(input instanceof z.ZodType)) return {}
  const read = z
    .object({ properties: z.record(z.string(), z.object({ type: z.string().optional() })) })
    .safeParse(z.toJSONSchema(input, { io: 'input' }))
  return read.success ? read.data.properties : {}
}

/**
 * Query strings are text: what the input's schema wants as a number or a list is made one here, so that the procedures themselves need
 * not take "5" for a number.
 */
const readQuery = (query: URLSearchParams, fields: Record<string, FieldSchema>): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name)
    const type = fields[name]?.type
    if (type === 'array') read[name] = values
    else if (values.length > 1) throw new ApiError('validation', { field: name, message: 'Expected it once' })
    else read[name] = (type === 'integer' || type === 'number') && /^-?\d+$/.test(values[0] ?? '') ? Number(values[0]) : values[0]
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

const find = (caller: unknown, path: string): ((input: unknown) => Promise<unknown>) => {
  const found = path
    .split('.')
    .reduce<unknown>((at, step) => (isObject(at) || typeof at === 'function' ? Reflect.get(at, step) : undefined), caller)
  if (typeof found !== 'function') throw new TypeError(`There is no procedure ${path}`)
  return (input) => Promise.resolve(Reflect.apply(found, undefined, [input]))
}

interface Described {
  _def: { meta?: OpenApiMeta; inputs: unknown[] }
}

const isDescribed = (procedure: unknown): procedure is Described => typeof procedure === 'function' && '_def' in procedure

/** Every procedure that says where it is in REST. The REST paths call these very procedures: nothing is decided twice. */
export const restRoutes = (): RestRoute[] =>
  // At run time the procedures of all routers stand here under their dotted paths.
  Object.entries<unknown>(appRouter._def.procedures).flatMap(([name, procedure]): RestRoute[] => {
    const openapi = isDescribed(procedure) ? procedure._def.meta?.openapi : undefined
    if (!isDescribed(procedure) || !openapi || (openapi.method !== 'GET' && openapi.method !== 'POST')) return []
    const fields = fieldsOf(procedure._def.inputs[0])
    return [
      {
        method: openapi.method,
        path: openapi.path,
        call: ({ params, query, body, idempotencyKey }, context) => {
          const sent = openapi.method === 'GET' ? readQuery(query, fields) : readBody(body)
          const key = idempotencyKey !== undefined && 'requestId' in fields ? { requestId: idempotencyKey } : {}
          return find(createCaller(context), name)({ ...sent, ...key, ...params })
        },
      },
    ]
  })
