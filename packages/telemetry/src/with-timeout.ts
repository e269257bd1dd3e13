/** Resolves with the result of `work`, or rejects with `createError()` after `timeoutMs`. The work itself is not canceled. */
export const withTimeout = async <T>(timeoutMs: number, work: Promise<T>, createError: () => Error): Promise<T> => {
  // This is a plain timer, because canceling a node:timers/promises timer creates an AbortError with a stack trace, which takes 6% of a
  // create call's CPU time if the call reuses a checkout.
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
