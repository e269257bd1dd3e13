import type { Client } from '@temporalio/client'
import { mapUnavailable } from './errors.ts'
import {
  type WebhookDeliveryWorkflow,
  type WebhookEndpointWorkflow,
  wakeEndpoint,
  webhookDeliveryWorkflow,
  webhookEndpointWorkflow,
} from './messages.ts'
import type { WebhookDeliveryInput } from './types.ts'

/** Deliveries have their own task queue, so that slow endpoints do not delay purchases. */
export const webhookTaskQueue = (taskQueue: string): string => `${taskQueue}-webhooks`

export interface WebhookClientOptions {
  client: Client
  /** The task queue of the purchase workflows. The name of the webhook task queue is derived from it. */
  taskQueue: string
  callTimeoutMs?: number
}

export type WebhookClient = ReturnType<typeof createWebhookClient>

/** Starts and wakes the workflows that deliver webhooks. Starting or waking a workflow twice is harmless. */
export const createWebhookClient = ({ client, taskQueue: purchaseQueue, callTimeoutMs = 5_000 }: WebhookClientOptions) => {
  const taskQueue = webhookTaskQueue(purchaseQueue)
  const withDeadline = <T>(call: () => Promise<T>): Promise<T> =>
    mapUnavailable(client.withDeadline(Date.now() + callTimeoutMs, call))

  return {
    /** Makes an endpoint's workflow deliver the waiting messages. */
    wake: async (endpointId: string): Promise<void> => {
      await withDeadline(() =>
        client.workflow.signalWithStart<WebhookEndpointWorkflow>(webhookEndpointWorkflow, {
          workflowId: `webhook-endpoint-${endpointId}`,
          taskQueue,
          args: [endpointId],
          signal: wakeEndpoint,
          staticSummary: endpointId === 'email' ? 'E-mails' : `Webhooks to ${endpointId}`,
        }),
      )
    },

    /**
     * Starts the retries of a message after a delay. With `replace`, retries that are already running are ended, because their schedule is
     * outdated; without it, they continue.
     */
    startRetries: async (
      { endpointId, messageId }: WebhookDeliveryInput,
      { delayMs, replace }: { delayMs: number; replace: boolean },
    ): Promise<void> => {
      await withDeadline(() =>
        client.workflow.start<WebhookDeliveryWorkflow>(webhookDeliveryWorkflow, {
          workflowId: `webhook-delivery-${endpointId}-${messageId}`,
          taskQueue,
          args: [{ endpointId, messageId }],
          startDelay: delayMs,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: replace ? 'TERMINATE_EXISTING' : 'USE_EXISTING',
          staticSummary: `${messageId} to ${endpointId}`,
        }),
      )
    },
  }
}
