import { withCorrelationIds } from '@pay-to-view/telemetry'
import type Stripe from 'stripe'
import { alertUnreadableEvent, missingEvents } from '../event-ledger.ts'
import { eventTypes } from '../parse-event.ts'
import { isReadable } from '../validate-event.ts'
import type { ReconcileRun } from './run.ts'

/**
 * The time span that one list of events covers, in seconds. Spans are listed oldest first; within one list, Stripe returns the newest
 * events first.
 */
const spanSeconds = 6 * 3_600

const idsOf = (events: Stripe.Event[]): string[] => events.map(({ id }) => id)

const ingestMissingEvent = async (
  { db, ingestor, scope, report, recordRepair }: ReconcileRun,
  event: Stripe.Event,
): Promise<void> => {
  if (!isReadable(event)) {
    report.unreadable.push({ id: event.id, type: event.type })
    if (!scope.dryRun) await alertUnreadableEvent(db, event)
    return
  }
  if (!scope.dryRun) await withCorrelationIds({ eventId: event.id }, () => ingestor.ingest(event, 'reconcile'))
  recordRepair('missing_event', event.id, `${event.type} created at ${new Date(event.created * 1000).toISOString()}`)
}

/** Ingests the events of one time span that are missing from the ledger, and returns the events that failed. */
const ingestSpan = async (run: ReconcileRun, from: number, to: number): Promise<Stripe.Event[]> => {
  const { db, stripe, scope, report } = run
  const failed: Stripe.Event[] = []
  for await (const events of stripe.listEvents(from, to, eventTypes)) {
    scope.signal?.throwIfAborted()
    const missing = await missingEvents(db, idsOf(events))
    const toIngest = events.filter(({ id }) => missing.has(id))
    failed.push(...(await run.forEach(toIngest, (event) => ingestMissingEvent(run, event))))
    report.events += events.length
    scope.onProgress?.(report.events)
  }
  return failed
}

/**
 * Compares Stripe's events with the ledger. The time passed to `onCompared` is never later than an event that is still missing from the
 * ledger, because only the next listing can find that event again. An event that is recorded but not dispatched is an unapplied event in
 * the next run.
 */
export const ingestMissingEvents = async (run: ReconcileRun): Promise<void> => {
  const { db, scope } = run
  let hasGap = false
  for (let from = scope.since; from <= scope.until; from += spanSeconds) {
    const to = Math.min(from + spanSeconds - 1, scope.until)
    const failed = await ingestSpan(run, from, to)
    const missing = await missingEvents(db, idsOf(failed))
    const firstMissing = failed.filter(({ id }) => missing.has(id)).map(({ created }) => created)
    if (!hasGap) await scope.onCompared?.(Math.min(to, ...firstMissing))
    hasGap ||= missing.size > 0
  }
}
