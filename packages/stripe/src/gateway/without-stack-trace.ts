/**
 * stripe-node captures a stack trace on each call in case it fails; with source maps that costs more CPU than the rest of the call. Calls that
 * a user waits for go without one: their errors still name the request.
 */
export const withoutStackTrace = <T>(call: () => Promise<T>): Promise<T> => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return call()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
