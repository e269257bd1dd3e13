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

const supportedParameters = new Set(['input', 'batch'])

/** Returns null unless the request is a plain call of queries, which `runQueries` supports. */
export const parseQueryRequest = ({ method, params, query, headers }: FastifyRequest<QueryRequest>): QueryCalls | null => {
  const { input, batch } = query
  const isText = input === undefined || typeof input === 'string'
  if (method !== 'GET' || !isText || Object.keys(query).some((name) => !supportedParameters.has(name))) return null
  // These headers request other response formats.
  if (headers['trpc-accept'] !== undefined || headers['content-type'] !== undefined || headers['last-event-id'] !== undefined) {
    return null
  }
  const paths = batch === '1' ? params.path.split(',') : [params.path]
  if (!paths.every((path) => queryPaths.has(path))) return null
  const inputs = parseInputs(input, batch === '1', paths.length)
  return inputs && { isBatch: batch === '1', paths, inputs }
}

const config = appRouter._def._config

/**
 * Answers queries exactly like tRPC's own adapter (trpc.test.ts compares the two), but without creating a Request and a Response for each
 * call, which costs more than the query itself.
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
