import { callTRPCProcedure } from '@trpc/server'
import { z } from 'zod'
import { appRouter } from './app-router.ts'
import { ApiError } from './errors.ts'
import type { RestPath } from './rest-meta.ts'
import { type RestProcedure, restProcedures } from './rest-procedures.ts'
import { toApiError } from './to-api-error.ts'
import type { Context } from './trpc.ts'

/** A REST path that calls a procedure. */
export interface RestRoute extends Pick<RestPath, 'method' | 'path' | 'public'> {
  call(request: RestRequest, context: Context): Promise<unknown>
}

export interface RestRequest {
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  /** Takes the name in lower case. */
  header: (name: string) => string | undefined
}

const jsonType = (schema: z.ZodType | undefined): unknown => schema && z.toJSONSchema(schema, { io: 'input' }).type

/** Query strings are text, so numbers and lists are converted here; the procedures themselves do not accept "5" as a number. */
const readQuery = (query: URLSearchParams, types: ReadonlyMap<string, unknown>): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name)
    const [value = '', ...more] = values
    const type = types.get(name)
    if (type === 'array') fields[name] = values
    else if (more.length > 0) throw new ApiError('validation', { field: name, message: 'Expected a single value' })
    else fields[name] = (type === 'integer' || type === 'number') && /^-?\d+$/.test(value) ? Number(value) : value
  }
  return fields
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readBody = (body: unknown): Record<string, unknown> => {
  if (body === undefined || body === null) return {}
  if (isObject(body)) return body
  throw new ApiError('validation', { field: 'body', message: 'Expected a JSON object' })
}

/** Names a field by its header in the errors, if the field is sent as a header. */
const withHeaderNames = (error: unknown, headers: Readonly<Record<string, string>>): unknown => {
  const { code, fields } = toApiError(error)
  // A Map, because a caller can send a field named like a member of Object.prototype.
  const headerNames = new Map(Object.entries(headers))
  if (!fields.some(({ field }) => headerNames.has(field))) return error
  return new ApiError(code, { fields: fields.map(({ field, message }) => ({ field: headerNames.get(field) ?? field, message })) })
}

const toRoute = ({ name, type, rest: { method, path, public: isPublic, headers = {} }, input }: RestProcedure): RestRoute => {
  const types = new Map(Object.entries(input).map(([field, schema]) => [field, jsonType(schema)]))
  return {
    method,
    path,
    public: isPublic,
    call: async ({ params, query, body, header }, ctx) => {
      const fields = method === 'GET' ? readQuery(query, types) : readBody(body)
      for (const [field, headerName] of Object.entries(headers)) {
        if (field in fields) throw new ApiError('validation', { field, message: `Expected it in the header ${headerName}` })
      }
      const headerFields = Object.entries(headers).map(([field, headerName]) => [field, header(headerName.toLowerCase())])
      const rawInput = { ...fields, ...Object.fromEntries(headerFields), ...params }
      try {
        const getRawInput = async (): Promise<unknown> => rawInput
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
        throw withHeaderNames(error, headers)
      }
    },
  }
}

/** The REST paths. They call the procedures, so REST and tRPC share all rules. */
export const restRoutes = (): RestRoute[] => restProcedures().map(toRoute)
