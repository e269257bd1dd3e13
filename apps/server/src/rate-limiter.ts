import { isIPv6 } from 'node:net'
import { ApiError, type ApiKeyCaller } from '@pay-to-view/api'
import type { FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** The length of the window in which calls are counted. It is also sent as Retry-After. */
export const rateWindowSeconds = 10

/** Counts calls (one by default) against a key's limit. Rejects with `rate_limited` if the limit is exceeded. */
export type RateLimiter = (key: string, calls?: number) => Promise<void>

/** Counts a request, or the calls in it, against an IP address's limit. Rejects with `rate_limited` if the limit is exceeded. */
export type RequestCounter = (request: FastifyRequest, calls?: number) => Promise<void>

/** Limits the calls per key and time window, in this process. A limit of 0 means that calls are not limited. */
export const createRateLimiter = (limit: number): RateLimiter => {
  if (limit === 0) return async () => {}
  const limiter = new RateLimiterMemory({ points: limit, duration: rateWindowSeconds })
  return async (key, calls = 1) => {
    await limiter.consume(key, calls).catch((error: unknown) => {
      throw error instanceof RateLimiterRes ? new ApiError('rate_limited') : error
    })
  }
}

/** Limits the calls of each API key to the key's own limit or to the default limit. A limit of 0 means that calls are not limited. */
export const createKeyRateLimiter = (defaultLimit: number) => {
  const limiter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: rateWindowSeconds })
  return async ({ id, rateLimit }: ApiKeyCaller): Promise<void> => {
    const limit = rateLimit ?? defaultLimit
    if (limit === 0) return
    const { consumedPoints } = await limiter.consume(id)
    if (consumedPoints > limit) throw new ApiError('rate_limited')
  }
}

/**
 * Returns the rate limit key of an IP address. An IPv6 subscriber usually has a whole /64 network, so all addresses of a /64 network share
 * one key.
 */
export const addressKey = (address: string): string => {
  if (!isIPv6(address)) return address
  const [beforeGap = '', afterGap] = address.split('::')
  const head = beforeGap === '' ? [] : beforeGap.split(':')
  const tail = afterGap === undefined || afterGap === '' ? [] : afterGap.split(':')
  const groups =
    afterGap === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  // An IPv4-mapped address (::ffff:192.0.2.1) counts as its IPv4 address.
  return address.includes('.') ? (tail.at(-1) ?? address) : groups.slice(0, 4).join(':')
}
