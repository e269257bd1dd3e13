/** Returns a function that runs tasks with the same key one after another, and tasks with different keys concurrently. */
export const createTurns = () => {
  const lastTurns = new Map<string, Promise<unknown>>()
  return async <T>(key: string, task: () => Promise<T>): Promise<T> => {
    const result = (lastTurns.get(key) ?? Promise.resolve()).then(task)
    const turn = result.catch(() => undefined)
    lastTurns.set(key, turn)
    try {
      return await result
    } finally {
      if (lastTurns.get(key) === turn) lastTurns.delete(key)
    }
  }
}
