import { appRouter, type Context, queryPaths } from '@pay-to-view/api'
import {
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type TRPCError,
  transformTRPCResponse,
} from '@trpc/server'
import { getHTTPStatusCode } from '@trpc/server/http'
import type { TRPCResponse } from '@trpc/server/rpc'
import type { FastifyRequest } from 'fastify'

export interface QueryRequest {
  Params: { path: string }
  Querystring: Record<string, unknown>
}

/** The queries of one GET request. */
interface QueryCalls {
  isBatch: boolean
  paths: string[]
  inputs: unknown[]
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

const parseInputs = (text: string | undefined, isBatch: boolean, count: number): unknown[] | null => {
  try {
    const parsed: unknown = text ? JSON.parse(text) : undefined
    if (!isBatch) return [parsed]
    if (parsed !== undefined && !isObject(parsed)) return null
    return Array.from({ length: count }, (_, index) => parsed && Reflect.get(parsed, String(index)))
  } catch {
    return null
  }
}

/**
 * Returns whether `runQueries` supports everything in a request. tRPC's own adapter handles requests that have any other parameter or whose
 * headers request another format.
 */
const isPlain = ({ method, query: { input, batch, ...others }, headers }: FastifyRequest<QueryRequest>): boolean =>
  method === 'GET' &&
  (input === undefined || typeof input === 'string') &&
  (batch === undefined || batch === '1') &&
  Object.keys(others).length === 0 &&
  plainAccept.has(headers.accept) &&
  formatHeaders.every((name) => headers[name] === undefined)

/** Values of the Accept header that allow JSON: the defaults of fetch, axios and curl. */
const plainAccept: ReadonlySet<string | undefined> = new Set([
  undefined,
  '*/*',
  'application/json',
  'application/json, text/plain, */*',
])

const formatHeaders = ['trpc-accept', 'content-type', 'last-event-id']

/** Returns the queries of a request, or null if `runQueries` does not support the request. */
export const parseQueryRequest = (request: FastifyRequest<QueryRequest>): QueryCalls | null => {
  if (!isPlain(request)) return null
  const {
    params,
    query: { input, batch },
  } = request
  const paths = batch === '1' ? params.path.split(',') : [params.path]
  if (!paths.every((path) => queryPaths.has(path))) return null
  const inputs = parseInputs(typeof input === 'string' ? input : undefined, batch === '1', paths.length)
  return inputs && { isBatch: batch === '1', paths, inputs }
}

const config = appRouter._def._config

/**
 * Executes queries exactly like tRPC's own adapter (trpc.test.ts compares the two), but without creating a `Request` and a `Response` for
 * each call. Creating these objects takes longer than the query itself.
 */
export const runQueries = async (
  { isBatch, paths, inputs }: QueryCalls,
  context: Promise<Context>,
  onError: (error: TRPCError) => void,
): Promise<{ status: number; body: string }> => {
  const resolvedContext = await context.catch(() => undefined)
  const runQuery = async (path: string, index: number): Promise<TRPCResponse> => {
    const input = inputs[index]
    try {
      const getRawInput = async (): Promise<unknown> => input
      const ctx = resolvedContext ?? (await context)
      const call = { router: appRouter, path, type: 'query' as const, getRawInput, ctx, signal: undefined, batchIndex: index }
      return { result: { data: await callTRPCProcedure(call) } }
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause)
      onError(error)
      return { error: getTRPCErrorShape({ config, ctx: resolvedContext, error, input, path, type: 'query' }) }
    }
  }
  const responses = await Promise.all(paths.map(runQuery))
  const [first] = responses
  const result = isBatch || !first ? responses : first
  return { status: getHTTPStatusCode(result), body: JSON.stringify(transformTRPCResponse(config, result)) }
}
