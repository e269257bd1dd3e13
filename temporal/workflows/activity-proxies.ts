import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow'
import type { PurchaseActivities } from '../activities/types.ts'
import { activitySummaries } from './ui-texts.ts'

const nonRetryableErrorTypes = ['PurchaseNotFound']

/** An activity without a heartbeat for this long is retried by another worker (activities/heartbeat-interceptor.ts). */
const heartbeatTimeout = '10 seconds'

/** For activities that only need Postgres: nothing can continue without it. */
const unlimitedRetry: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute', nonRetryableErrorTypes },
}

/** For activities that call Stripe: after three attempts the main loop processes other messages and retries later. */
const limitedRetry: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes },
}

const localRetry: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '100 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes },
}

type ActivityName = keyof PurchaseActivities

const remote = <Name extends ActivityName>(name: Name, options: ActivityOptions): PurchaseActivities[Name] =>
  proxyActivities<PurchaseActivities>({ ...options, summary: activitySummaries[name] })[name]

const local = <Name extends ActivityName>(name: Name): PurchaseActivities[Name] =>
  proxyLocalActivities<PurchaseActivities>({ ...localRetry, summary: activitySummaries[name] })[name]

/** The SDK wraps the failure of an activity in an ActivityFailure, that of a local activity not. */
const unwrapFailure = (error: TemporalFailure): Error | undefined => (error instanceof ActivityFailure ? error.cause : error)

/** Returns the type of the error that an activity failed with. */
export const failureType = (error: TemporalFailure): string => {
  const cause = unwrapFailure(error)
  return (cause instanceof ApplicationFailure && cause.type) || cause?.name || error.name
}

/** An activity failed, but may succeed later. */
export const isRetryable = (error: unknown): error is TemporalFailure => {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) return false
  const cause = unwrapFailure(error)
  return !(cause instanceof ApplicationFailure && nonRetryableErrorTypes.includes(cause.type ?? ''))
}

/** Tries a local activity first, for its low latency. A long outage is left to a remote one, whose retries do not grow the history. */
const localThenRemote =
  <Input, Output>(local: (input: Input) => Promise<Output>, remote: (input: Input) => Promise<Output>) =>
  async (input: Input): Promise<Output> => {
    try {
      return await local(input)
    } catch (error) {
      if (!isRetryable(error)) throw error
      return remote(input)
    }
  }

export const loadPurchase = localThenRemote(local('loadPurchase'), remote('loadPurchase', unlimitedRetry))
export const applyFacts = localThenRemote(local('applyFacts'), remote('applyFacts', unlimitedRetry))
export const recordRefundRequest = localThenRemote(local('recordRefundRequest'), remote('recordRefundRequest', unlimitedRetry))

export const refreshFromStripe = remote('refreshFromStripe', limitedRetry)
export const expireCheckout = remote('expireCheckout', limitedRetry)
export const executeRefund = remote('executeRefund', limitedRetry)
