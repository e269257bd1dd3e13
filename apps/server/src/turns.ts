import { ApiError } from '@pay-to-view/api'

export interface TurnOptions {
  /** Calls that are done at one time. */
  most: number
  /** Calls that wait for their turn, first come first served; one more is refused. */
  waiting: number
  /** Milliseconds that a call waits before it is refused. */
  patience: number
}

/**
 * Bounds what is done at one time, so that a flood neither fills the memory nor takes every connection of the database. Who is not done
 * is told `overloaded` soon, and nothing of it was done.
 */
export const createTurns = ({ most, waiting, patience }: TurnOptions) => {
  const queue = new Set<() => void>()
  let running = 0

  const turn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (running < most) {
        running += 1
        resolve()
        return
      }
      if (queue.size >= waiting) {
        reject(new ApiError('overloaded'))
        return
      }
      const timer = setTimeout(() => {
        queue.delete(take)
        reject(new ApiError('overloaded'))
      }, patience)
      const take = () => {
        clearTimeout(timer)
        queue.delete(take)
        resolve()
      }
      queue.add(take)
    })

  /** The turn goes to the one who has waited longest. */
  const pass = (): void => {
    const [next] = queue
    if (next) next()
    else running -= 1
  }

  return {
    running: () => running,
    waiting: () => queue.size,
    take: async <T>(call: () => Promise<T>): Promise<T> => {
      await turn()
      try {
        return await call()
      } finally {
        pass()
      }
    },
  }
}

export type Turns = ReturnType<typeof createTurns>
