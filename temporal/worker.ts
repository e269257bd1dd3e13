import type { Db } from '@pay-to-view/db'
import type { Drift, Reconciler } from '@pay-to-view/ingestion'
import type { StripeGateway } from '@pay-to-view/stripe'
import type { Log } from '@pay-to-view/telemetry'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { type NativeConnection, Worker } from '@temporalio/worker'
import { type ActivityAttempt, activityLoggingInterceptor } from './activities/activity-logging-interceptor.ts'
import { heartbeatInterceptor } from './activities/heartbeat-interceptor.ts'
import { createPurchaseActivities } from './activities/purchase.ts'
import { createReconcileActivities } from './activities/reconcile.ts'
import { workflowTaskOptions } from './workflow-task-options.ts'

export type { ActivityAttempt } from './activities/activity-logging-interceptor.ts'

export interface WorkerDeps {
  connection: NativeConnection
  namespace: string
  taskQueue: string
  db: Db
  stripe: StripeGateway
  reconciler: Reconciler
  /** File of the bundled workflows. */
  bundle: { codePath: string }
  /** Of the Worker Deployment. Undefined: every worker takes every run. */
  version: { deploymentName: string; buildId: string } | undefined
  /** Workflow tasks that are worked at at one time. */
  maxConcurrentWorkflowTasks: number
  /** Told of everything that the reconciler had to mend. */
  onDrift: (drift: Drift) => void
  /** Told of every purchase that something has changed on. */
  onPurchaseChange: (view: PurchaseView) => void
  /** Told of every try of an activity. */
  onActivityAttempt: (step: ActivityAttempt) => void
  log: Log
}

/** The worker of the purchase workflows. Runs until `shutdown()`; a step that is under way then has 10 seconds to end, and is told to after that. */
export const createWorker = async ({
  connection,
  namespace,
  taskQueue,
  db,
  stripe,
  reconciler,
  bundle,
  version,
  maxConcurrentWorkflowTasks: tasksAtOnce,
  onDrift,
  onPurchaseChange: onMoved,
  onActivityAttempt: onStep,
  log,
}: WorkerDeps): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: {
      ...createPurchaseActivities({ db, stripe, onPurchaseChange: onMoved }),
      ...createReconcileActivities(reconciler, onDrift),
    },
    // Runs of 180 days are not pinned: each goes on under the version that is current, and patched() keeps its past valid.
    ...(version && {
      workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' as const },
    }),
    ...workflowTaskOptions(tasksAtOnce),
    interceptors: { activity: [heartbeatInterceptor, activityLoggingInterceptor(log, onStep)] },
    shutdownGraceTime: '10 seconds',
    // What has not ended by then is tried again by another worker.
    shutdownForceTime: '25 seconds',
  })
