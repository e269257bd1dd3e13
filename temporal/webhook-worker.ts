import type { Log } from '@pay-to-view/telemetry'
import { webhookTaskQueue } from '@pay-to-view/workflow-client/webhooks'
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import { type ActivityAttempt, activityLoggingInterceptor } from './activities/activity-logging-interceptor.ts'
import { heartbeatInterceptor } from './activities/heartbeat-interceptor.ts'
import { createWebhookActivities, type EndpointLimits, type WebhookActivityDeps } from './activities/webhooks/index.ts'

export type { EmailDeps, EndpointLimits, WebhookActivityDeps, WebhookAttempt } from './activities/webhooks/index.ts'

export interface WebhookWorkerDeps extends WebhookActivityDeps {
  connection: NativeConnection
  namespace: string
  /** The task queue of the purchase workflows. The name of this worker's own queue is derived from it. */
  taskQueue: string
  bundle: { codePath: string }
  /** The version in the Worker Deployment; undefined for unversioned workers. */
  version: { deploymentName: string; buildId: string } | undefined
  /** The limits for endpoints without their own limits. */
  limits: EndpointLimits
  onActivityAttempt: (attempt: ActivityAttempt) => void
  log: Log
}

/** Few workflow tasks are needed, because an endpoint has one workflow and a batch of messages is one task. */
const workflowOptions = {
  maxConcurrentWorkflowTaskExecutions: 10,
  maxCachedWorkflows: 200,
  workflowThreadPoolSize: 1,
  // A slot is occupied until the endpoint has responded.
  maxConcurrentActivityTaskExecutions: 200,
} satisfies Partial<WorkerOptions>

/** Creates the worker that delivers webhooks, on its own task queue. */
export const createWebhookWorker = ({
  connection,
  namespace,
  taskQueue,
  bundle,
  version,
  limits,
  onActivityAttempt,
  log,
  ...deps
}: WebhookWorkerDeps): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    taskQueue: webhookTaskQueue(taskQueue),
    workflowBundle: bundle,
    activities: createWebhookActivities(deps, limits),
    ...(version && {
      workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' as const },
    }),
    ...workflowOptions,
    interceptors: { activity: [heartbeatInterceptor, activityLoggingInterceptor(log, onActivityAttempt)] },
    shutdownGraceTime: '10 seconds',
    shutdownForceTime: '25 seconds',
  })
