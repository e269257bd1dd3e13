import { ApiError, type OpenStream } from '@pay-to-view/api'
import { createTurns } from './turns.ts'

export interface StreamOptions {
  /** Event streams that are open at one time; one more is `overloaded`. */
  most: number
  /** Those of one user; one more is `too_many_streams`. */
  perUser: number
  /** Reads of all streams that are done at one time; the others wait, however many they are. */
  reads: number
}

/** Bounds the event streams that are open, and what they read when all of them are called at once. */
export const createStreams = ({ most, perUser, reads }: StreamOptions): ((userId: string) => OpenStream) => {
  const turns = createTurns({ most: reads, waiting: most, patience: 60_000 })
  const open = new Map<string, Set<symbol>>()
  let all = 0
  return (userId) => {
    const own = open.get(userId) ?? new Set()
    if (own.size >= perUser) throw new ApiError('too_many_streams')
    if (all >= most) throw new ApiError('overloaded')
    const stream = Symbol(userId)
    open.set(userId, own.add(stream))
    all += 1
    return {
      read: turns.take,
      close: () => {
        if (!own.delete(stream)) return
        all -= 1
        if (own.size === 0) open.delete(userId)
      },
    }
  }
}
