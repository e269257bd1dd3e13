/** Runs at most `concurrency` tasks at a time. */
export const createTaskPool = (concurrency: number) => {
  const waiting: (() => void)[] = []
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  let freeSlots = concurrency
  return {
    /** Resolves when the task has started; rejects if an earlier task failed. */
    start: async (task: () => Promise<void>): Promise<void> => {
      if (freeSlots > 0) freeSlots -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      if (failures.length > 0) throw failures[0]
      const run = task()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          running.delete(run)
          const next = waiting.shift()
          if (next) next()
          else freeSlots += 1
        })
      running.add(run)
    },
    /** Resolves when every started task has finished; rejects if one failed. */
    drain: async (): Promise<void> => {
      await Promise.all(running)
      if (failures.length > 0) throw failures[0]
    },
  }
}
