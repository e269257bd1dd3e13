/**
 * stripe-node captures a stack trace on each call in case the call fails. With source maps, this costs more CPU than the rest of the call.
 * Calls that a user waits for are made without a stack trace; their errors still name the request.
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
