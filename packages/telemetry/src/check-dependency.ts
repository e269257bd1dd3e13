import { withTimeout } from './with-timeout.ts'

/** This timeout is shorter than the one or two seconds that load balancers allow for a health check. */
const pingTimeoutMs = 900

/** Returns the state of a dependency. A dependency whose ping fails or times out is unavailable. */
export const checkDependency = (ping: Promise<unknown>): Promise<'ok' | 'unavailable'> =>
  withTimeout(pingTimeoutMs, ping, () => new Error(`No response within ${pingTimeoutMs} ms`)).then(
    () => 'ok',
    () => 'unavailable',
  )
