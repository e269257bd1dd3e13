import { permanentFailureTypes, unexpectedFailureType } from '@pay-to-view/workflow-client/messages'
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

const nonRetryableErrorTypes: string[] = Object.values(permanentFailureTypes)

/** After this time without a heartbeat, an activity is retried by another worker (activities/heartbeat-interceptor.ts). */
const heartbeatTimeout = '10 seconds'

/** For activities that need only Postgres. They are retried indefinitely, because nothing can continue without Postgres. */
const unlimitedRetry: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute', nonRetryableErrorTypes },
}

/** For activities that call Stripe: after three attempts, the main loop processes other messages and retries later. */
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

/** The SDK wraps an activity's failure in an ActivityFailure, but does not wrap a local activity's failure. */
const unwrapFailure = (error: TemporalFailure): Error | undefined => (error instanceof ActivityFailure ? error.cause : error)

/** Returns the type of the error with which an activity failed. */
export const failureType = (error: TemporalFailure): string => {
  const cause = unwrapFailure(error)
  return (cause instanceof ApplicationFailure && cause.type) || cause?.name || error.name
}

/** An activity failure that a retry would repeat. */
export interface PermanentFailure {
  type: string
  message: string
}

/** Returns the permanent failure of an activity. Null for a failure that is not permanent, and for errors that are not activity failures. */
export const permanentFailureOf = (error: unknown): PermanentFailure | null => {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) return null
  const type = failureType(error)
  return nonRetryableErrorTypes.includes(type) ? { type, message: unwrapFailure(error)?.message ?? error.message } : null
}

/** Whether an activity failed with an error that is neither known to be transient nor known to be permanent. */
export const isUnexpected = (error: TemporalFailure): boolean => failureType(error) === unexpectedFailureType

/** Whether an activity failed but may succeed later. */
export const isRetryable = (error: unknown): error is TemporalFailure =>
  error instanceof TemporalFailure && !isCancellation(error) && permanentFailureOf(error) === null

/**
 * Tries a local activity first, for low latency. During a long outage, a regular activity takes over, because its retries do not grow the
 * history.
 */
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
export const setAsideFacts = localThenRemote(local('setAsideFacts'), remote('setAsideFacts', unlimitedRetry))
export const raiseAlert = localThenRemote(local('raiseAlert'), remote('raiseAlert', unlimitedRetry))

export const refreshFromStripe = remote('refreshFromStripe', limitedRetry)
export const expireCheckout = remote('expireCheckout', limitedRetry)
export const executeRefund = remote('executeRefund', limitedRetry)
