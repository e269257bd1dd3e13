import { ApiError, type OpenStream } from '@pay-to-view/api'
import { createConcurrencyLimiter } from './concurrency-limiter.ts'

export interface StreamLimits {
  /** Event streams that are open at the same time; any more are rejected with `overloaded`. */
  maxOpen: number
  /** Streams of one user; any more are rejected with `too_many_connections`. */
  maxPerUser: number
  /** Reads of all streams that run at the same time; the others are queued. */
  concurrentReads: number
}

/** A millisecond per open stream spreads their reads; more would keep the viewers of an event waiting. */
const maxJitterMs = 2_000

/** Bounds the open event streams, and their reads when a change concerns all of them at once. */
export const createStreamLimiter = ({ maxOpen, maxPerUser, concurrentReads }: StreamLimits): ((userId: string) => OpenStream) => {
  const limiter = createConcurrencyLimiter({ concurrency: concurrentReads, maxQueued: maxOpen, queueTimeoutMs: 60_000 })
  const streamsByUser = new Map<string, Set<symbol>>()
  let openCount = 0
  return (userId) => {
    const userStreams = streamsByUser.get(userId) ?? new Set()
    if (userStreams.size >= maxPerUser) throw new ApiError('too_many_connections')
    if (openCount >= maxOpen) throw new ApiError('overloaded')
    const stream = Symbol(userId)
    streamsByUser.set(userId, userStreams.add(stream))
    openCount += 1
    return {
      read: limiter.run,
      maxJitterMs: () => Math.min(openCount, maxJitterMs),
      close: () => {
        if (!userStreams.delete(stream)) return
        openCount -= 1
        if (userStreams.size === 0) streamsByUser.delete(userId)
      },
    }
  }
}
