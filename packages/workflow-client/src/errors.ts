import {
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { stripeUnavailableErrorType } from './messages.ts'

/** No response arrived. The request may have been recorded, and is carried out later in that case. */
export abstract class UnknownOutcomeError extends Error {}

/** Temporal is unavailable, or the workflow did not respond in time. */
export class TemporalUnavailable extends UnknownOutcomeError {
  override name = 'TemporalUnavailable'
}

/** The workflow's activity failed: Stripe, or the database that the activity also needs, is unavailable. */
export class StripeUnavailable extends UnknownOutcomeError {
  override name = 'StripeUnavailable'
}

/** Awaits a call to a workflow and maps Temporal's errors to the errors above. */
export const mapUnavailable = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call
  } catch (error) {
    if (
      error instanceof WorkflowUpdateFailedError &&
      error.cause instanceof ApplicationFailure &&
      error.cause.type === stripeUnavailableErrorType
    )
      throw new StripeUnavailable('The workflow could not reach Stripe', { cause: error })
    if (isGrpcServiceError(error) || error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
      throw new TemporalUnavailable('Temporal did not respond', { cause: error })
    throw error
  }
}
