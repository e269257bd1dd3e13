import { withTimeout } from './with-timeout.ts'

/** Milliseconds that a part may take to answer: less than the second or two that load balancers wait for us. */
const patience = 900

/** Whether a part that a process needs is there, as its ping says: `away` also when that says nothing in time. */
export const checkDependency = (ping: Promise<unknown>): Promise<'ok' | 'away'> =>
  withTimeout(patience, ping, () => new Error(`Expected an answer in ${patience} ms`)).then(
    () => 'ok',
    () => 'away',
  )
