import { setTimeout as sleep } from 'node:timers/promises'

/** What work gives, or a rejection with `late()` when that takes longer than so many milliseconds: the work itself goes on. */
export const inTime = async <T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> => {
  const inVain = new AbortController()
  const tooLong = sleep(milliseconds, undefined, { signal: inVain.signal }).then(() => {
    throw late()
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    inVain.abort()
  }
}
