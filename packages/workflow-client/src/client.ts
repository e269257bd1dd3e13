import { purchaseWorkflowId } from '@pay-to-view/purchase'
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { readBacklog, type TaskQueueBacklog } from './backlog.ts'
import { listBlockedWorkflows } from './blocked-workflows.ts'
import { createEntityJobCalls } from './entity-jobs.ts'
import { mapUnavailable, mapUpdateErrors } from './errors.ts'
import {
  type AcceptPaymentInput,
  type AcceptPaymentResult,
  acceptPayment,
  type CloseCheckoutResult,
  closeCheckout,
  purchaseWorkflow,
  refund,
  type StripeEventMessage,
  stripeEvent,
} from './messages.ts'
import { startOptions } from './start-options.ts'
import type { RefundOutcome, RefundRequest, WorkflowStartInput } from './types.ts'

export interface PurchaseClientOptions {
  client: Client
  taskQueue: string
  /** The timeout for calls that Temporal's server handles without the workflow. */
  callTimeoutMs?: number
  /** The timeout for updates, which wait for the workflow. */
  updateTimeoutMs?: number
  /** The timeout for the closeCheckout update, which is one step of creating a purchase. */
  closeTimeoutMs?: number
}

export type PurchaseClient = ReturnType<typeof createPurchaseClient>

/** Sends messages to purchase workflows. Signals and updates start the workflow if it is not running. */
export const createPurchaseClient = ({
  client,
  taskQueue,
  callTimeoutMs = 5_000,
  updateTimeoutMs = 30_000,
  closeTimeoutMs = 15_000,
}: PurchaseClientOptions) => {
  const withDeadline = <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> =>
    mapUnavailable(client.withDeadline(Date.now() + timeoutMs, call))

  const withUpdateDeadline = <T>(timeoutMs: number, update: () => Promise<T>): Promise<T> =>
    mapUpdateErrors(client.withDeadline(Date.now() + timeoutMs, update))

  const startOperation = (purchase: WorkflowStartInput) =>
    new WithStartWorkflowOperation(purchaseWorkflow, startOptions(purchase, taskQueue))

  return {
    /**
     * Starts the workflow. For an open purchase, the start is delayed until the checkout expires or a message arrives, so an idle workflow
     * costs nothing. Returns false if the workflow is already running.
     */
    start: async (purchase: WorkflowStartInput): Promise<boolean> => {
      const startDelay = purchase.status === 'Pending' ? Math.max(0, purchase.checkoutDeadline.getTime() - Date.now()) : 0
      const options = { ...startOptions(purchase, taskQueue), startDelay, workflowIdConflictPolicy: 'FAIL' as const }
      try {
        await withDeadline(callTimeoutMs, () => client.workflow.start(purchaseWorkflow, options))
        return true
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false
        throw error
      }
    },

    /** Returns whether a run is open, including a run in its start delay. */
    isRunning: async (id: string): Promise<boolean> => {
      try {
        const { status } = await withDeadline(callTimeoutMs, () => client.workflow.getHandle(purchaseWorkflowId(id)).describe())
        return status.name === 'RUNNING'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false
        throw error
      }
    },

    /** Delivers a Stripe event. Ends the start delay immediately. */
    signalStripeEvent: async (purchase: WorkflowStartInput, event: StripeEventMessage): Promise<void> => {
      await withDeadline(callTimeoutMs, () =>
        client.workflow.signalWithStart(purchaseWorkflow, {
          ...startOptions(purchase, taskQueue),
          signal: stripeEvent,
          signalArgs: [event],
        }),
      )
    },

    closeCheckout: (purchase: WorkflowStartInput): Promise<CloseCheckoutResult> =>
      withUpdateDeadline(closeTimeoutMs, () =>
        client.workflow.executeUpdateWithStart(closeCheckout, { startWorkflowOperation: startOperation(purchase) }),
      ),

    /**
     * Requests a refund. Each call is a separate update, because Temporal returns the first outcome for a repeated update id, even if
     * it is a failure. The workflow gives all updates with the same request id the same result, and rejects a different amount.
     */
    refund: (purchase: WorkflowStartInput, request: RefundRequest): Promise<RefundOutcome> =>
      withUpdateDeadline(updateTimeoutMs, () =>
        client.workflow.executeUpdateWithStart(refund, {
          args: [request],
          startWorkflowOperation: startOperation(purchase),
        }),
      ),

    /** Accepts a payment that does not match its quote, and grants access for it. */
    acceptPayment: (purchase: WorkflowStartInput, acceptance: AcceptPaymentInput): Promise<AcceptPaymentResult> =>
      withUpdateDeadline(updateTimeoutMs, () =>
        client.workflow.executeUpdateWithStart(acceptPayment, {
          args: [acceptance],
          startWorkflowOperation: startOperation(purchase),
        }),
      ),

    ...createEntityJobCalls(client, taskQueue, (call) => withDeadline(callTimeoutMs, call)),

    /** See `listBlockedWorkflows`. */
    listBlocked: (limit: number): Promise<string[] | null> =>
      withDeadline(callTimeoutMs, () => listBlockedWorkflows(client, taskQueue, limit)),

    backlog: (): Promise<TaskQueueBacklog[]> => withDeadline(callTimeoutMs, () => readBacklog(client, taskQueue)),

    /** Rejects if Temporal is unavailable. */
    ping: async (): Promise<void> => {
      await withDeadline(callTimeoutMs, () => client.workflowService.getSystemInfo({}))
    },
  }
}
