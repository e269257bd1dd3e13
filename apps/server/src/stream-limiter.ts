import { ApiError, type OpenStream } from '@pay-to-view/api'
import { createConcurrencyLimiter } from './concurrency-limiter.ts'

export interface StreamLimits {
  /** Maximum number of open event streams; additional streams are rejected with `overloaded`. */
  maxOpen: number
  /** Maximum number of streams per user; additional streams are rejected with `too_many_connections`. */
  maxPerUser: number
  /** Maximum number of concurrent reads for all streams; additional reads are queued. */
  concurrentReads: number
}

/**
 * The maximum random delay of a read. The delay is at most one millisecond per open stream; this limit keeps the audience of a large
 * live event from waiting too long.
 */
const maxJitterMs = 2_000

/** Limits the number of open event streams, and the number of concurrent reads when one change affects all streams. */
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
