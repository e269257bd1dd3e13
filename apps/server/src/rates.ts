import { isIPv6 } from 'node:net'
import { ApiError } from '@pay-to-view/api'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Seconds that calls are counted over: also what a caller who is over the limit is told to wait. */
export const rateWindow = 10

/** Counts calls, one unless said, of a key. Rejects with `rate_limited` above the limit. */
export type Rate = (key: string, calls?: number) => Promise<void>

/** Counts calls by a key, in this process. 0: no limit. More than that in `rateWindow` is `rate_limited`. */
export const createRate = (most: number): Rate => {
  if (most === 0) return async () => {}
  const limiter = new RateLimiterMemory({ points: most, duration: rateWindow })
  return async (key, calls = 1) => {
    await limiter.consume(key, calls).catch((error: unknown) => {
      throw error instanceof RateLimiterRes ? new ApiError('rate_limited') : error
    })
  }
}

/** Who has one address of IPv6 has 2^64 of them: they count as one. */
export const addressKey = (address: string): string => {
  if (!isIPv6(address)) return address
  const [before = '', after] = address.split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const groups =
    after === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  // Of an IPv4 address within IPv6 (::ffff:192.0.2.1) the last part says who it is.
  return address.includes('.') ? (tail.at(-1) ?? address) : groups.slice(0, 4).join(':')
}
