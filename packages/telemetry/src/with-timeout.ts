/** What work gives, or a rejection with `late()` when that takes longer than so many milliseconds: the work itself goes on. */
export const withTimeout = async <T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> => {
  // Not the timers of node:timers/promises: each ends by an abort with an error and its stack, 6 % of a create that gives out an open checkout.
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
