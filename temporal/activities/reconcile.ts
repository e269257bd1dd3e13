import type { Drift, Reconciler } from '@pay-to-view/ingestion'
import { Context } from '@temporalio/activity'
import type { ReconcileActivities } from './types.ts'

/** `onDrift` is told of everything that had to be mended: the drift metric. */
export const createReconcileActivities = (reconciler: Reconciler, onDrift: (drift: Drift) => void): ReconcileActivities => ({
  reconcileFromCursor: async () => {
    const context = Context.current()
    const { events, drift, unreadable } = await reconciler.reconcileFromCursor(Date.now(), {
      onProgress: (looked) => context.heartbeat(looked),
      onDrift: (one) => {
        context.log.warn('mended', { ...one })
        onDrift(one)
      },
      // The worker stops: the next run goes on from the same place.
      signal: context.cancellationSignal,
    })
    for (const event of unreadable) context.log.warn('event that cannot be read', event)
    const mended: Record<string, number> = {}
    for (const { kind } of drift) mended[kind] = (mended[kind] ?? 0) + 1
    return { events, mended }
  },
})
