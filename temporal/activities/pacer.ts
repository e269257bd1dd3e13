import { setTimeout as sleep } from 'node:timers/promises'

/** Returns a function that resolves at most `perSecond` times a second. */
export const createPacer = (perSecond: number): (() => Promise<void>) => {
  const intervalMs = 1_000 / perSecond
  let nextAt = 0
  return async () => {
    const startsAt = Math.max(performance.now(), nextAt)
    nextAt = startsAt + intervalMs
    const delayMs = startsAt - performance.now()
    if (delayMs > 0) await sleep(delayMs)
  }
}

/**
 * Processes items, `atOnce` at the same time, until all are done or `isEnded` returns true. Waits for those that have started, also if one of them
 * throws; the first error is then thrown.
 */
export const forEachAtOnce = async <T, Result>(
  items: readonly T[],
  atOnce: number,
  process: (item: T) => Promise<Result>,
  isEnded: () => boolean,
): Promise<Result[]> => {
  const results: Result[] = []
  const remaining = [...items]
  let hasFailed = false
  const work = async (): Promise<void> => {
    for (let item = remaining.shift(); item !== undefined; item = remaining.shift()) {
      if (hasFailed || isEnded()) return
      try {
        results.push(await process(item))
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  const settled = await Promise.allSettled(Array.from({ length: atOnce }, work))
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason
  return results
}
