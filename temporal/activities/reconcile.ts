import type { Drift, Reconciler } from '@pay-to-view/ingestion'
import { Context } from '@temporalio/activity'
import type { ReconcileActivities } from './types.ts'

/** `onDrift` is called for each repaired difference. */
export const createReconcileActivities = (reconciler: Reconciler, onDrift: (drift: Drift) => void): ReconcileActivities => ({
  reconcileFromCursor: async () => {
    const context = Context.current()
    const { events, drift, unreadable } = await reconciler.reconcileFromCursor(Date.now(), {
      onProgress: (eventCount) => context.heartbeat(eventCount),
      onDrift: (repaired) => {
        context.log.warn('drift repaired', { ...repaired })
        onDrift(repaired)
      },
      // Aborted when the worker shuts down. The next run continues from the same cursor.
      signal: context.cancellationSignal,
    })
    for (const event of unreadable) context.log.warn('unreadable event', event)
    const repairs: Record<string, number> = {}
    for (const { kind } of drift) repairs[kind] = (repairs[kind] ?? 0) + 1
    return { events, repairs }
  },
})
