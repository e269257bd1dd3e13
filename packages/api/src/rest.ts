import { callTRPCProcedure } from '@trpc/server'
import { z } from 'zod'
import { appRouter } from './app-router.ts'
import { ApiError } from './errors.ts'
import type { RestPath, SuccessStatus } from './rest-meta.ts'
import { type RestProcedure, restProcedures } from './rest-procedures.ts'
import { toApiError } from './to-api-error.ts'
import type { Context } from './trpc.ts'

/** A REST path that calls a procedure. */
export interface RestRoute extends Pick<RestPath, 'method' | 'path' | 'public' | 'maxBodyBytes'> {
  isForOperators: boolean
  call(request: RestRequest, context: Context): Promise<RestResponse>
}

export interface RestResponse {
  status: SuccessStatus
  /** Undefined if the status is 204. */
  body: unknown
  /** The path that returns the progress, if the status is 202 and the body has a `location`. */
  location: string | undefined
  /** Whether the response is the same for every caller, so that caches may store it. */
  isPublic: boolean
}

export interface RestRequest {
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  /** Returns the header with this lowercase name. */
  header: (name: string) => string | undefined
}

const jsonType = (schema: z.ZodType | undefined): unknown => schema && z.toJSONSchema(schema, { io: 'input' }).type

/**
 * Converts a query parameter, which is a string, to the type that the procedure's schema expects: procedures do not accept "5" as a number.
 */
const readValue = (value: string, type: unknown): unknown => {
  if (type === 'integer' && /^-?\d+$/.test(value)) return Number(value)
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

const readQuery = (query: URLSearchParams, types: ReadonlyMap<string, unknown>): Record<string, unknown> => {
  // A Map, because a caller can send a field named `__proto__`.
  const fields = new Map<string, unknown>()
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name)
    const [value = '', ...more] = values
    const type = types.get(name)
    if (type === 'array') fields.set(name, values)
    else if (more.length > 0) throw new ApiError('validation', { field: name, message: 'Expected a single value' })
    else fields.set(name, readValue(value, type))
  }
  return Object.fromEntries(fields)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readBody = (body: unknown): Record<string, unknown> => {
  if (body === undefined || body === null) return {}
  if (isObject(body)) return body
  throw new ApiError('validation', { field: 'body', message: 'Expected a JSON object' })
}

/**
 * Replaces field names in the errors with the names that the caller sent: the header's name for a field that is sent as a header, and
 * `entityId` instead of `entityId.0` for a query parameter with one value.
 */
const withSentNames = (error: unknown, headers: Readonly<Record<string, string>>, query: URLSearchParams): unknown => {
  const { code, fields, extensions, retryAfterSeconds } = toApiError(error)
  const singles = [...new Set(query.keys())].filter((name) => query.getAll(name).length === 1)
  // A Map, because a caller can send a field named like a member of Object.prototype.
  const sentNames = new Map([...singles.map((name) => [`${name}.0`, name] as const), ...Object.entries(headers)])
  if (!fields.some(({ field }) => sentNames.has(field))) return error
  const renamed = fields.map(({ field, message }) => ({ field: sentNames.get(field) ?? field, message }))
  return new ApiError(code, { fields: renamed, extensions, retryAfterSeconds })
}

/**
 * Rejects a field whose value differs from the parameter of the same name in the path, because the field would be ignored. An equal value
 * is accepted, so a caller can send a response back as a request.
 */
const rejectOtherValues = (fields: Readonly<Record<string, unknown>>, params: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(params)) {
    if (!Object.hasOwn(fields, name) || fields[name] === value) continue
    throw new ApiError('validation', { field: name, message: 'Expected the same value as in the path, or no value' })
  }
}

/** Rejects query parameters of a method that reads only the body, because they would be ignored. */
const rejectQuery = (query: URLSearchParams): void => {
  const fields = [...new Set(query.keys())].map((field) => ({ field, message: 'Send it in the body, not in the query' }))
  if (fields.length > 0) throw new ApiError('validation', { fields })
}

const locationOf = (status: SuccessStatus, result: unknown): string | undefined =>
  status === 202 && isObject(result) && typeof result.location === 'string' ? result.location : undefined

/** Returns a function that builds a procedure's input from a request. */
const inputReader = ({ rest: { method, headers = {} }, input, isStrict }: RestProcedure) => {
  const types = new Map(Object.entries(input).map(([field, schema]) => [field, jsonType(schema)]))
  const readsQuery = method === 'GET' || method === 'DELETE'
  return ({ params, query, body, header }: RestRequest): Record<string, unknown> => {
    if (!readsQuery && isStrict) rejectQuery(query)
    const fields = { ...(readsQuery && readQuery(query, types)), ...(method !== 'GET' && readBody(body)) }
    for (const [field, headerName] of Object.entries(headers)) {
      if (Object.hasOwn(fields, field))
        throw new ApiError('validation', { field, message: `Send it in the ${headerName} header` })
    }
    rejectOtherValues(fields, params)
    const headerFields = Object.entries(headers).map(([field, headerName]) => [field, header(headerName.toLowerCase())])
    return { ...fields, ...Object.fromEntries(headerFields), ...params }
  }
}

const toRoute = (procedure: RestProcedure): RestRoute => {
  const { name, type, rest, operator } = procedure
  const { method, path, public: isPublic, headers = {}, maxBodyBytes, statuses: [defaultStatus] = [200] } = rest
  const readInput = inputReader(procedure)
  return {
    method,
    path,
    public: isPublic,
    maxBodyBytes,
    isForOperators: operator !== undefined,
    call: async (request, ctx) => {
      const response: Omit<RestResponse, 'body' | 'location'> = { status: defaultStatus, isPublic: isPublic === true }
      const restContext: Partial<Context> = {
        setStatus: (status) => {
          response.status = status
        },
        setPrivate: () => {
          response.isPublic = false
        },
      }
      // Errors of the request itself name the fields as the caller sent them.
      let isInputRead = false
      try {
        const result: unknown = await callTRPCProcedure({
          router: appRouter,
          path: name,
          type,
          // Called only after the permission check, so an invalid request without permission gets a 401 or 403.
          getRawInput: async () => {
            const input = readInput(request)
            isInputRead = true
            return input
          },
          ctx: { ...ctx, ...restContext },
          signal: undefined,
          batchIndex: 0,
        })
        const { status } = response
        return { ...response, body: status === 204 ? undefined : result, location: locationOf(status, result) }
      } catch (error) {
        throw isInputRead ? withSentNames(error, headers, request.query) : error
      }
    },
  }
}

/** The REST routes. They call the procedures, so REST and tRPC share all rules. */
export const restRoutes = (): RestRoute[] => restProcedures().map(toRoute)
