import { AsyncLocalStorage } from 'node:async_hooks'

/** What is being worked on. Every line of the log carries what is known of it, so that one purchase is found by one id in every log. */
export interface CorrelationIds {
  /** Of the HTTP request, also in the answer's X-Request-Id. In the worker: of the request that told the workflow. */
  requestId?: string
  purchaseId?: string
  /** Stripe's. Several with commas, where the workflow took them together. */
  eventId?: string
  /** The step of the workflow that does it. */
  activity?: string
}

const storage = new AsyncLocalStorage<CorrelationIds>()

/** Runs a piece of work under these ids, and under those that are known already. */
export const withCorrelationIds = <T>(known: CorrelationIds, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...known }, work)

/** The same for the rest of the work under way, once an id becomes known. */
export const addCorrelationIds = (known: CorrelationIds): void => {
  const ids = storage.getStore()
  if (ids) Object.assign(ids, known)
}

/** The ids of the work under way. */
export const currentCorrelationIds = (): Readonly<CorrelationIds> => storage.getStore() ?? {}
