import type { Db, View } from '@pay-to-view/db'
import type { StripeGateway } from '@pay-to-view/stripe'
import { type NativeConnection, Worker } from '@temporalio/worker'
import { createPurchaseActivities } from './activities/purchase.ts'
import { createReconcileActivities } from './activities/reconcile.ts'
import { bundleInto } from './bundle.ts'
import type { Drift, Reconciler } from './reconcile.ts'

export interface WorkerDeps {
  connection: NativeConnection
  namespace: string
  taskQueue: string
  db: Db
  stripe: StripeGateway
  reconciler: Reconciler
  /** Folder in which the bundled workflows are kept between starts. */
  bundles: string
  /** Told of everything that the reconciler had to mend. */
  onDrift: (drift: Drift) => void
  /** Told of every purchase that something has changed on. */
  onMoved: (view: View) => void
}

/** The worker of the purchase workflows. Runs until `shutdown()`; a step that is under way then has 10 seconds to end. */
export const createWorker = async ({
  connection,
  namespace,
  taskQueue,
  db,
  stripe,
  reconciler,
  bundles,
  onDrift,
  onMoved,
}: WorkerDeps): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: await bundleInto(bundles),
    activities: { ...createPurchaseActivities({ db, stripe, onMoved }), ...createReconcileActivities(reconciler, onDrift) },
    shutdownGraceTime: '10 seconds',
  })
