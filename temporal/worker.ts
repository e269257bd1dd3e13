import type { Db } from '@pay-to-view/db'
import type { Drift, Reconciler } from '@pay-to-view/ingestion'
import type { StripeGateway } from '@pay-to-view/stripe'
import type { Log } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { type NativeConnection, Worker } from '@temporalio/worker'
import { type ActivityAttempt, activityLoggingInterceptor } from './activities/activity-logging-interceptor.ts'
import { createEntityJobActivities } from './activities/entity-job.ts'
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
  purchases: PurchaseClient
  /** The maximum number of purchases of canceled entities that this worker refunds or closes per second. */
  cancellationsPerSecond: number
  reconciler: Reconciler
  /** The code of the bundled workflows. */
  bundle: { codePath: string }
  /** The version in the Worker Deployment; undefined for unversioned workers. */
  version: { deploymentName: string; buildId: string } | undefined
  maxConcurrentWorkflowTasks: number
  /** Called for each difference that the reconciler repaired. */
  onDrift: (drift: Drift) => void
  /** Called when applied facts have changed the status or the access of a purchase. */
  onPurchaseChange: (view: PurchaseView) => void
  /** Called when an activity attempt ends. */
  onActivityAttempt: (attempt: ActivityAttempt) => void
  log: Log
}

/** Creates the worker. On `shutdown()`, running activities have 10 seconds to complete before they are canceled. */
export const createWorker = async ({
  connection,
  namespace,
  taskQueue,
  db,
  stripe,
  purchases,
  cancellationsPerSecond,
  reconciler,
  bundle,
  version,
  maxConcurrentWorkflowTasks,
  onDrift,
  onPurchaseChange,
  onActivityAttempt,
  log,
}: WorkerDeps): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: {
      ...createPurchaseActivities({ db, stripe, onPurchaseChange }),
      ...createEntityJobActivities({ db, purchases, cancellationsPerSecond }),
      ...createReconcileActivities(reconciler, onDrift),
    },
    // Runs take up to 180 days, so they are not pinned to a version. They continue on the current version, and patched() keeps replay
    // valid.
    ...(version && {
      workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' as const },
    }),
    ...workflowTaskOptions(maxConcurrentWorkflowTasks),
    interceptors: { activity: [heartbeatInterceptor, activityLoggingInterceptor(log, onActivityAttempt)] },
    shutdownGraceTime: '10 seconds',
    // Activities that are still running after this time are retried by another worker.
    shutdownForceTime: '25 seconds',
  })
