import { AsyncResource } from 'node:async_hooks'
import { ApiError } from '@pay-to-view/api'
import PQueue from 'p-queue'

export interface ConcurrencyLimits {
  /** Maximum number of concurrent calls. */
  concurrency: number
  /** Maximum number of queued calls. The queue is first in, first out. If the queue is full, calls are rejected. */
  maxQueued: number
  /** How long a call may wait in the queue before it is rejected. */
  queueTimeoutMs: number
}

/**
 * Limits the number of concurrent calls, so that a flood exhausts neither the memory nor the database connections. A call that cannot start
 * within `queueTimeoutMs` is rejected with `overloaded` without having run; if the queue is full, with `fullCode`.
 */
export const createConcurrencyLimiter = (
  { concurrency, maxQueued, queueTimeoutMs }: ConcurrencyLimits,
  fullCode: 'overloaded' | 'rate_limited' = 'overloaded',
) => {
  const queue = new PQueue({ concurrency })
  return {
    running: () => queue.pending,
    queued: () => queue.size,
    run: async <T>(call: () => Promise<T>): Promise<T> => {
      if (queue.pending < concurrency) return queue.add(call)
      if (queue.size >= maxQueued) throw new ApiError(fullCode)
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(new ApiError('overloaded')), queueTimeoutMs)
      // p-queue starts a queued call in the async context of the call that has just finished; `bind` restores the caller's
      // correlation ids and trace.
      const start = AsyncResource.bind(() => {
        clearTimeout(timer)
        return call()
      })
      return queue.add(start, { signal: timeout.signal })
    },
  }
}

export type ConcurrencyLimiter = ReturnType<typeof createConcurrencyLimiter>

/**
 * Limits the concurrent calls per key, such as a user id. A few calls run concurrently, a few more are queued, and any additional calls are
 * rejected with `rate_limited`. This prevents one user from using up a limit that all users share.
 */
export const createKeyedLimiter = (limits: ConcurrencyLimits) => {
  const limiters = new Map<string, ConcurrencyLimiter>()
  return async <T>(key: string, call: () => Promise<T>): Promise<T> => {
    const limiter = limiters.get(key) ?? createConcurrencyLimiter(limits, 'rate_limited')
    limiters.set(key, limiter)
    try {
      return await limiter.run(call)
    } finally {
      if (limiter.running() === 0 && limiter.queued() === 0) limiters.delete(key)
    }
  }
}
