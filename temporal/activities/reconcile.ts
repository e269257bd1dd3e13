import { Context } from '@temporalio/activity'
import type { ReconcileActivities } from '../contract.ts'
import type { Drift, Reconciler } from '../reconcile.ts'

/** `onDrift` is told of everything that had to be mended: the drift metric. */
export const createReconcileActivities = (reconciler: Reconciler, onDrift: (drift: Drift) => void): ReconcileActivities => ({
  continueReconciling: async () => {
    const { events, drift } = await reconciler.continue(Date.now(), (looked) => {
      Context.current().heartbeat(looked)
      // The worker stops: the next run goes on from the same place.
      Context.current().cancellationSignal.throwIfAborted()
    })
    for (const one of drift) {
      Context.current().log.warn('mended', { ...one })
      onDrift(one)
    }
    const mended: Record<string, number> = {}
    for (const { kind } of drift) mended[kind] = (mended[kind] ?? 0) + 1
    return { events, mended }
  },
})
