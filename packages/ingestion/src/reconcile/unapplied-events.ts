import { withCorrelationIds } from '@pay-to-view/telemetry'
import { unappliedEvents } from '../event-ledger.ts'
import { batchSize, type ReconcileRun } from './run.ts'

/** Redispatches events that their purchases have not applied. */
export const dispatchUnappliedEvents = async ({ db, ingestor, scope, now, ...run }: ReconcileRun): Promise<void> => {
  await run.forEach(await unappliedEvents(db, now, batchSize), async ({ type, ...event }) => {
    if (!scope.dryRun) await withCorrelationIds({ eventId: event.id }, () => ingestor.dispatch(event))
    run.recordRepair('unapplied_event', event.id, type)
  })
}
