import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import {
  type AcceptPaymentInput,
  type AcceptPaymentResult,
  acceptPayment,
  type CloseCheckoutResult,
  closeCheckout,
  refund,
  type StripeEventMessage,
  stripeEvent,
  stripeUnavailableErrorType,
} from './messages.ts'
import { startOptions, workflowType } from './start-options.ts'
import type { RefundOutcome, RefundRequest, WorkflowStartInput } from './types.ts'

/** No answer came. What was asked may have been written down: then it is carried out later. */
export abstract class UnknownOutcomeError extends Error {}

/** Temporal is away, or the workflow did not answer in time. */
export class TemporalUnavailable extends UnknownOutcomeError {
  override name = 'TemporalUnavailable'
}

/** The workflow says that a step with Stripe failed: Stripe is away, or what such a step needs beside it. */
export class StripeUnavailable extends UnknownOutcomeError {
  override name = 'StripeUnavailable'
}

const orUnavailable = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    if (
      error instanceof WorkflowUpdateFailedError &&
      error.cause instanceof ApplicationFailure &&
      error.cause.type === stripeUnavailableErrorType
    )
      throw new StripeUnavailable('A step with Stripe failed', { cause: error })
    if (isGrpcServiceError(error) || error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      throw new TemporalUnavailable('Temporal did not answer', { cause: error })
    }
    throw error
  }
}

/** TASK_QUEUE_TYPE_* of Temporal's API. */
const taskQueueTypes = { workflow: 1, activity: 2 }

export interface PurchaseClientOptions {
  client: Client
  taskQueue: string
  /** Milliseconds for a call that only reaches the server. */
  callTimeoutMs?: number
  /** Milliseconds for a call that waits for the workflow. */
  updateTimeoutMs?: number
  /** Milliseconds for the closing of a checkout, which is a step of create. */
  closeTimeoutMs?: number
}

export type PurchaseClient = ReturnType<typeof createPurchaseClient>

/** Speaks to the workflows of purchases. Every call starts the workflow when none runs. */
export const createPurchaseClient = ({
  client,
  taskQueue,
  callTimeoutMs: callTimeout = 5_000,
  updateTimeoutMs: updateTimeout = 30_000,
  closeTimeoutMs: closeTimeout = 15_000,
}: PurchaseClientOptions) => {
  const within = <T>(timeout: number, work: () => Promise<T>): Promise<T> =>
    orUnavailable(client.withDeadline(Date.now() + timeout, work))

  const starting = (purchase: WorkflowStartInput) =>
    new WithStartWorkflowOperation(workflowType, startOptions(purchase, taskQueue))

  return {
    /**
     * Starts the workflow, of an open checkout with a delay until its end: it costs nothing until Stripe tells something. False when it
     * runs already.
     */
    start: async (purchase: WorkflowStartInput): Promise<boolean> => {
      const startDelay = purchase.status === 'Pending' ? Math.max(0, purchase.checkoutDeadline.getTime() - Date.now()) : 0
      const options = { ...startOptions(purchase, taskQueue), startDelay, workflowIdConflictPolicy: 'FAIL' as const }
      try {
        await within(callTimeout, () => client.workflow.start(workflowType, options))
        return true
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false
        throw error
      }
    },

    /** Whether a run is open, the wait for the checkout's end included. */
    isRunning: async (id: string): Promise<boolean> => {
      try {
        const { status } = await within(callTimeout, () => client.workflow.getHandle(id).describe())
        return status.name === 'RUNNING'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false
        throw error
      }
    },

    /** Ends the delay at once. */
    signalStripeEvent: async (purchase: WorkflowStartInput, fact: StripeEventMessage): Promise<void> => {
      await within(callTimeout, () =>
        client.workflow.signalWithStart(workflowType, {
          ...startOptions(purchase, taskQueue),
          signal: stripeEvent,
          signalArgs: [fact],
        }),
      )
    },

    closeCheckout: (purchase: WorkflowStartInput): Promise<CloseCheckoutResult> =>
      within(closeTimeout, () =>
        client.workflow.executeUpdateWithStart(closeCheckout, { startWorkflowOperation: starting(purchase) }),
      ),

    /** The same wish is the same update: asking twice is asking once. The same id for another amount is another one, which is refused. */
    refund: (purchase: WorkflowStartInput, wish: RefundRequest): Promise<RefundOutcome> =>
      within(updateTimeout, () =>
        client.workflow.executeUpdateWithStart(refund, {
          args: [wish],
          updateId: `${wish.requestId}:${wish.amount ?? 'all'}`,
          startWorkflowOperation: starting(purchase),
        }),
      ),

    /** Gives access for a payment that is not what was quoted. */
    acceptPayment: (purchase: WorkflowStartInput, acceptance: AcceptPaymentInput): Promise<AcceptPaymentResult> =>
      within(updateTimeout, () =>
        client.workflow.executeUpdateWithStart(acceptPayment, {
          args: [acceptance],
          startWorkflowOperation: starting(purchase),
        }),
      ),

    /** Tasks that wait for a worker, and seconds that the oldest has waited, by what they are. */
    backlog: () =>
      within(callTimeout, () =>
        Promise.all(
          Object.entries(taskQueueTypes).map(async ([kind, taskQueueType]) => {
            const { stats } = await client.workflowService.describeTaskQueue({
              namespace: client.options.namespace,
              taskQueue: { name: taskQueue },
              taskQueueType,
              reportStats: true,
            })
            return {
              kind,
              tasks: Number(stats?.approximateBacklogCount ?? 0),
              oldestSeconds: Number(stats?.approximateBacklogAge?.seconds ?? 0),
            }
          }),
        ),
      ),

    /** Rejects when Temporal is away. */
    ping: async (): Promise<void> => {
      await within(callTimeout, () => client.workflowService.getSystemInfo({}))
    },
  }
}
