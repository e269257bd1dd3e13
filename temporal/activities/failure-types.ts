import { describeError, isDataRejected, isUnavailable, PurchaseNotFound, PurchaseUnreadable } from '@pay-to-view/db'
import { isDefiniteRejection, isStripeError } from '@pay-to-view/stripe'
import { permanentFailureTypes, unexpectedFailureType } from '@pay-to-view/workflow-client/messages'
import { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'

/** Rejected data is tried twice, because a concurrent transaction can cause a constraint violation that does not recur. */
const rejectionAttempts = 2

/**
 * The number of attempts after which work with an unexpected error is abandoned. With the intervals of `unlimitedRetry`, these attempts
 * take about three minutes.
 */
const unexpectedErrorAttempts = 10

const permanent = (error: Error, type: string): ApplicationFailure =>
  ApplicationFailure.create({ message: describeError(error), type, nonRetryable: true, cause: error })

/**
 * Whether Stripe or Postgres did not respond or rejected the request for a reason that is unrelated to its data, or the activity was
 * canceled.
 */
const isTransient = (error: unknown): boolean =>
  isUnavailable(error) || error instanceof CancelledFailure || (isStripeError(error) && !isDefiniteRejection(error))

/** Assigns an error the failure type that tells the workflow whether a retry can succeed (messages.ts describes the types). */
export const toActivityFailure = (error: unknown, attempt: number): unknown => {
  if (!(error instanceof Error) || error instanceof ApplicationFailure || isTransient(error)) return error
  if (error instanceof PurchaseNotFound) return permanent(error, permanentFailureTypes.purchaseNotFound)
  if (error instanceof PurchaseUnreadable) return permanent(error, permanentFailureTypes.purchaseUnreadable)
  const isRejection = isDataRejected(error) || isDefiniteRejection(error)
  if (isRejection) return attempt >= rejectionAttempts ? permanent(error, permanentFailureTypes.permanent) : error
  return attempt >= unexpectedErrorAttempts
    ? permanent(error, permanentFailureTypes.unexplained)
    : ApplicationFailure.create({ message: describeError(error), type: unexpectedFailureType, cause: error })
}

/** Runs an activity and assigns failure types to its errors. */
export const withFailureTypes = async <T>(activity: Promise<T>): Promise<T> => {
  try {
    return await activity
  } catch (error) {
    throw toActivityFailure(error, Context.current().info.attempt)
  }
}
