import { AsyncLocalStorage } from 'node:async_hooks'

/** The ids in every log line of the current work, so searching for one id finds a purchase's lines in all logs. */
export interface CorrelationIds {
  /**
   * The id of the HTTP request, also sent as the response's X-Request-Id. In the worker, the id of the request that signaled or updated the
   * workflow.
   */
  requestId?: string
  purchaseId?: string
  /** Stripe's event id; comma-separated when one activity applies several events. */
  eventId?: string
  /** The name of the activity. */
  activity?: string
}

const storage = new AsyncLocalStorage<CorrelationIds>()

/** Runs `work` with these ids in addition to the current ones. */
export const withCorrelationIds = <T>(ids: CorrelationIds, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...ids }, work)

/** Adds ids that become known during the current work. */
export const addCorrelationIds = (ids: CorrelationIds): void => {
  const current = storage.getStore()
  if (current) Object.assign(current, ids)
}

export const currentCorrelationIds = (): Readonly<CorrelationIds> => storage.getStore() ?? {}
