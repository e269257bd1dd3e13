/** At most so many at one time. */
export const createTurns = (most: number) => {
  const waiting: (() => void)[] = []
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  let free = most
  return {
    /** Fulfilled when the work has begun; rejects when earlier work has failed. */
    begin: async (work: () => Promise<void>): Promise<void> => {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      if (failures.length > 0) throw failures[0]
      const run = work()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          running.delete(run)
          const next = waiting.shift()
          if (next) next()
          else free += 1
        })
      running.add(run)
    },
    /** Fulfilled when nothing runs any more; rejects when something has failed. */
    over: async (): Promise<void> => {
      await Promise.all(running)
      if (failures.length > 0) throw failures[0]
    },
  }
}
