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

/** The queries that one GET asks for, by their paths and inputs. */
interface Asked {
  batch: boolean
  paths: string[]
  inputs: unknown[]
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

const inputsOf = (text: string | undefined, batch: boolean, count: number): unknown[] | null => {
  try {
    const read: unknown = text ? JSON.parse(text) : undefined
    if (!batch) return [read]
    if (read !== undefined && !isObject(read)) return null
    return Array.from({ length: count }, (_, at) => read && Reflect.get(read, String(at)))
  } catch {
    return null
  }
}

const usual = new Set(['input', 'batch'])

/** Null for whatever is not a plain question for queries of ours. */
export const askedIn = ({ method, params, query, headers }: FastifyRequest<QueryRequest>): Asked | null => {
  const { input, batch } = query
  const text = input === undefined || typeof input === 'string'
  if (method !== 'GET' || !text || Object.keys(query).some((name) => !usual.has(name))) return null
  // Answers in another form are asked for by these.
  if (headers['trpc-accept'] !== undefined || headers['content-type'] !== undefined || headers['last-event-id'] !== undefined) {
    return null
  }
  const paths = batch === '1' ? params.path.split(',') : [params.path]
  if (!paths.every((path) => queryPaths.has(path))) return null
  const inputs = inputsOf(input, batch === '1', paths.length)
  return inputs && { batch: batch === '1', paths, inputs }
}

const config = appRouter._def._config

/**
 * Answers queries as tRPC's own adapter does (http.test.ts compares the two), without the Request and the Response that it makes of each:
 * these cost more than the query.
 */
export const answerQueries = async (
  { batch, paths, inputs }: Asked,
  context: Promise<Context>,
  onError: (error: TRPCError) => void,
): Promise<{ status: number; body: string }> => {
  const known = await context.catch(() => undefined)
  const answer = async (path: string, at: number): Promise<TRPCResponse> => {
    const input = inputs[at]
    try {
      const getRawInput = async (): Promise<unknown> => input
      const ctx = known ?? (await context)
      const call = { router: appRouter, path, type: 'query' as const, getRawInput, ctx, signal: undefined, batchIndex: at }
      return { result: { data: await callTRPCProcedure(call) } }
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause)
      onError(error)
      return { error: getTRPCErrorShape({ config, ctx: known, error, input, path, type: 'query' }) }
    }
  }
  const answers = await Promise.all(paths.map(answer))
  const [first] = answers
  const whole = batch || !first ? answers : first
  return { status: getHTTPStatusCode(whole), body: JSON.stringify(transformTRPCResponse(config, whole)) }
}
