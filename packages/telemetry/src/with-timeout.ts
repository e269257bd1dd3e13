/** Resolves with the result of `work`, or rejects with `createError()` after `timeoutMs`. The work itself is not canceled. */
export const withTimeout = async <T>(timeoutMs: number, work: Promise<T>, createError: () => Error): Promise<T> => {
  // This is a plain timer, because canceling a timer of node:timers/promises creates an AbortError with a stack trace, which takes 6% of
  // the CPU time of a create call that reuses a checkout.
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(createError()), timeoutMs)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
