import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { updateFailureTypes } from './messages.ts'

/** The outcome of a request is unknown. The request may have been recorded, and in that case it will be carried out later. */
export abstract class UnknownOutcomeError extends Error {}

/** Temporal is unavailable, or the workflow did not respond before the timeout. */
export class TemporalUnavailable extends UnknownOutcomeError {
  override name = 'TemporalUnavailable'
}

/** The workflow's activity failed: Stripe, or the database that the activity also needs, is unavailable. */
export class StripeUnavailable extends UnknownOutcomeError {
  override name = 'StripeUnavailable'
}

/**
 * The workflow accepted an update but did not complete it: its run was canceled, terminated, reset or deleted, timed out or failed, or an
 * activity of the update failed permanently.
 */
export class UpdateUnconfirmed extends UnknownOutcomeError {
  override name = 'UpdateUnconfirmed'
}

/** gRPC's status code INVALID_ARGUMENT. */
const invalidArgument = 3

/** Whether the server rejected a request, such as a query with an unknown search attribute. The SDK may have wrapped its error. */
export const isInvalidArgument = (error: unknown): boolean =>
  (isGrpcServiceError(error) && error.code === invalidArgument) ||
  (error instanceof ServiceError && isInvalidArgument(error.cause))

/** Awaits a call to Temporal and maps errors that mean that the server is unavailable. */
export const mapUnavailable = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call
  } catch (error) {
    if (isGrpcServiceError(error) || error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
      throw new TemporalUnavailable('Temporal did not respond', { cause: error })
    throw error
  }
}

const mapUpdateFailure = (failure: WorkflowUpdateFailedError): Error => {
  const type = failure.cause instanceof ApplicationFailure ? failure.cause.type : undefined
  if (type === updateFailureTypes.invalidMessage) return failure
  return type === updateFailureTypes.stripeUnavailable
    ? new StripeUnavailable('The workflow could not reach Stripe', { cause: failure })
    : new UpdateUnconfirmed('The workflow did not complete the update', { cause: failure })
}

/**
 * Awaits an update. If a run ends after accepting an update, the update fails with the server's type `AcceptedUpdateCompletedWorkflow` or
 * with one of our types. If the run was deleted, the server does not find it. In each case, the update may have taken effect.
 */
export const mapUpdateErrors = async <T>(update: Promise<T>): Promise<T> => {
  try {
    return await mapUnavailable(update)
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw mapUpdateFailure(error)
    if (error instanceof WorkflowNotFoundError) throw new UpdateUnconfirmed('The workflow was deleted', { cause: error })
    throw error
  }
}
