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
 * within `queueTimeoutMs` is rejected with `overloaded` without having run.
 */
export const createConcurrencyLimiter = ({ concurrency, maxQueued, queueTimeoutMs }: ConcurrencyLimits) => {
  const queue = new PQueue({ concurrency })
  return {
    running: () => queue.pending,
    queued: () => queue.size,
    run: async <T>(call: () => Promise<T>): Promise<T> => {
      if (queue.pending < concurrency) return queue.add(call)
      if (queue.size >= maxQueued) throw new ApiError('overloaded')
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
export const createKeyedLimiter = ({ concurrency, maxQueued }: Pick<ConcurrencyLimits, 'concurrency' | 'maxQueued'>) => {
  const queues = new Map<string, PQueue>()
  return async <T>(key: string, call: () => Promise<T>): Promise<T> => {
    const queue = queues.get(key) ?? new PQueue({ concurrency })
    if (queue.pending >= concurrency && queue.size >= maxQueued) throw new ApiError('rate_limited')
    queues.set(key, queue)
    try {
      return await queue.add(AsyncResource.bind(call))
    } finally {
      if (queue.pending === 0 && queue.size === 0) queues.delete(key)
    }
  }
}
