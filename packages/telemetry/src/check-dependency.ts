import { withTimeout } from './with-timeout.ts'

/** Below the one or two seconds that load balancers allow a health check. */
const pingTimeoutMs = 900

/** The state of a dependency by its ping; a ping that gets no response in time counts as unavailable. */
export const checkDependency = (ping: Promise<unknown>): Promise<'ok' | 'unavailable'> =>
  withTimeout(pingTimeoutMs, ping, () => new Error(`No response within ${pingTimeoutMs} ms`)).then(
    () => 'ok',
    () => 'unavailable',
  )
