import PQueue from 'p-queue'

/** Runs at most `concurrency` tasks at a time. Starts no further tasks after a failure. */
export const createTaskPool = (concurrency: number) => {
  const queue = new PQueue({ concurrency })
  const failures: unknown[] = []
  const throwIfFailed = () => {
    if (failures.length > 0) throw failures[0]
  }
  return {
    /** Resolves when the task has started; rejects if an earlier task failed. */
    start: async (task: () => Promise<void>): Promise<void> => {
      await new Promise<void>((resolve) => {
        void queue.add(async () => {
          resolve()
          if (failures.length > 0) return
          // A failure is recorded before the queue starts the next task.
          await task().catch((error: unknown) => failures.push(error))
        })
      })
      throwIfFailed()
    },
    /** Resolves when every started task has finished; rejects if a task failed. */
    drain: async (): Promise<void> => {
      await queue.onIdle()
      throwIfFailed()
    },
  }
}
