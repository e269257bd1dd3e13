import type { Readable } from 'node:stream'
import { ApiError } from '@pay-to-view/api'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { CreateContext } from './deps.ts'

/** Maximum body sizes in bytes. A batch of 100 create calls is about 25 kB. */
export const maxBodyBytes = { user: 32 * 1024, operator: 256 * 1024 } as const

/**
 * Rejects a request with a body before the body is read, unless the request has a valid token or API key. Every API path that reads a body
 * requires a token or key, so unauthenticated callers cannot exhaust the memory.
 */
export const requireCallerForBody =
  (createContext: CreateContext): onRequestAsyncHookHandler =>
  async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return
    const { user, apiKey } = await createContext(request)
    if (!user && !apiKey) throw new ApiError('unauthorized')
  }

/** Rejects the request of a user without the admin role before its body is read. */
export const requireOperator =
  (createContext: CreateContext): onRequestAsyncHookHandler =>
  async (request) => {
    const { user } = await createContext(request)
    if (user?.admin === false) throw new ApiError('forbidden')
  }

/** Reads a body as a string. Throws `payload_too_large` if the body is longer than `maxBytes`. */
export const readText = async ({ headers }: FastifyRequest, body: Readable, maxBytes: number): Promise<string> => {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new ApiError('payload_too_large')
  const chunks: Buffer[] = []
  let bytes = 0
  // The stream is not destroyed, because the response is sent over the same connection.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      body.resume()
      throw new ApiError('payload_too_large')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
