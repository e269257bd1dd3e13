import { createWebhookClient, webhookTaskQueue } from '@pay-to-view/workflow-client/webhooks'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { createWebhookActivities, type WebhookActivityDeps } from '../../activities/webhooks/index.ts'

/** Starts the worker that delivers outgoing messages, with limits that no test reaches. `stop` waits for running activities. */
export const startWebhookWorker = async (
  { nativeConnection, client }: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleWithSourceMap,
  deps: Omit<WebhookActivityDeps, 'retries' | 'onAttempt'>,
) => {
  const taskQueue = `test-${crypto.randomUUID()}`
  const webhooks = createWebhookClient({ client, taskQueue })
  const activityDeps: WebhookActivityDeps = { ...deps, retries: webhooks, onAttempt: () => {} }
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: webhookTaskQueue(taskQueue),
    workflowBundle,
    activities: createWebhookActivities(activityDeps, { maxPerSecond: 1_000, maxConcurrent: 10 }),
  })
  const running = worker.run()
  const stop = async (): Promise<void> => {
    worker.shutdown()
    await running
  }
  return { webhooks, activityDeps, stop }
}
