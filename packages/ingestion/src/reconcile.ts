import {
  alertUnreadableEvent,
  clearExpiredEvents,
  type Db,
  markWorkflowStarted,
  missingEvents,
  moveCursor,
  readCursor,
  stripeEventsCursor,
  stuckPurchases,
  stuckRefunds,
  unappliedEvents,
  uncoveredPayments,
} from '@pay-to-view/db'
import type { StripeGateway } from '@pay-to-view/stripe'
import { withCorrelationIds } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type Stripe from 'stripe'
import { type EventIngestor, isReadable } from './ingest.ts'
import { eventTypes } from './parse-event.ts'

/** Every way in which something had not arrived: each is counted from the start, at 0. */
export const driftKinds = ['missing_event', 'unapplied_event', 'stopped_purchase', 'stopped_refund', 'uncovered_payment'] as const
export type DriftKind = (typeof driftKinds)[number]

/** Something that a webhook or a workflow should have done and has not. */
export interface Drift {
  /**
   * `missing_event`: Stripe has it, the ledger has not. `unapplied_event`: in the ledger, and its purchase does not know it.
   * `stopped_purchase`: it waits for its payment, and no workflow runs. `stopped_refund`: it was asked for, and no workflow runs.
   * `uncovered_payment`: it was paid and gives nothing, and the access by which its viewer had the same has ended in time.
   */
  kind: DriftKind
  /** The event's id, or the purchase's. */
  id: string
  /** In words for the operator. */
  detail: string
}

export interface ReconcileDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  door: EventIngestor
  /** Seconds in which a webhook is not late. */
  grace: number
  /** Days for which what was read from an event is kept; undefined: for ever. */
  ledgerDays?: number
}

export interface ReconcileScope {
  /** Events made from here to there, seconds since the epoch. */
  since: number
  until: number
  /** Only look. */
  dryRun: boolean
  /** Called after each page: a long run shows that it lives. */
  onProgress?: (looked: number) => void
  /** Called as the run goes on with the time until which the ledger has all of Stripe's events: one that is ended early is not lost. */
  onCompared?: (until: number) => Promise<void>
  /** From when on the end of access in time is looked at; `since` when not given. */
  endedSince?: Date
  /** Called with the time until which it was looked at, when all that it uncovered has been told. */
  onEndsLooked?: (until: Date) => Promise<void>
  /** Called as soon as something is mended (in a dry run: found), so that it is not lost where the run fails later. */
  onDrift?: (drift: Drift) => void
  /** Ends the run at once. */
  signal?: AbortSignal
}

/** Events and purchases looked at, and what was found amiss: mended, unless only looked at. */
export interface Reconciliation {
  events: number
  drift: Drift[]
  /** Events that lack what Stripe's events have, with their types: nothing can be done with them but tell the operator. */
  unreadable: { id: string; type: string }[]
}

/** What could not be done. `what` is an event's id, a purchase's, or a whole part of the run. */
interface Failure {
  what: string
  error: unknown
}

/** Prisma's messages begin with our source: what is wrong stands at the end. */
const wordsOf = ({ what, error }: Failure): string =>
  `${what}: ${(error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)}`

/** Failures that the message names. */
const mostNamed = 20

/** All else was done: what is named here was not, and is tried again by the next run. */
export class ReconcileIncompleteError extends AggregateError {
  override name = 'Unfinished'
  constructor(failures: Failure[]) {
    const more = failures.length > mostNamed ? [`and ${failures.length - mostNamed} more`] : []
    super(
      failures.map(({ error }) => error),
      ['Not done:', ...failures.slice(0, mostNamed).map(wordsOf), ...more].join('\n'),
    )
  }
}

/** Rows looked at in one go: the next run takes the rest. */
const batch = 500

/** Events that are emptied in one run: more than come in between two runs at 1,000 purchases a minute. */
const emptiedAtOnce = 5_000

/** Milliseconds that one part of a run may lose to what fails: after that something is away, and the rest waits for the next run. */
const patience = 60_000

/** Seconds of Stripe's events that are compared at a time, from the oldest on: Stripe itself lists the newest first. */
const span = 6 * 3_600

/** Compares Stripe's events with the ledger and the ledger with the workflows, and mends what differs through the webhook's own door. */
export const createReconciler = ({ db, stripe, purchases, door, grace, ledgerDays }: ReconcileDeps) => {
  /** What failed in the last run comes last in the next: it keeps nobody waiting. */
  let failedBefore = new Set<string>()
  const lastWhatFailed = <T extends { id: string }>(items: T[]): T[] =>
    items.toSorted((a, b) => Number(failedBefore.has(a.id)) - Number(failedBefore.has(b.id)))

  const restart = async (purchase: WorkflowStartInput, dryRun: boolean): Promise<boolean> => {
    if (dryRun) return !(await purchases.isRunning(purchase.id))
    const started = await purchases.start(purchase)
    await markWorkflowStarted(db, purchase.id)
    return started
  }

  /** Does what can be done, each part whatever became of the others. Stripe's events come last: they can be so many that the run is ended. */
  const run = async (scope: ReconcileScope) => {
    const { since, until, dryRun, onProgress, onCompared, onDrift, signal } = scope
    const found: Reconciliation = { events: 0, drift: [], unreadable: [] }
    const failures: Failure[] = []
    let lost = 0

    const mended = (kind: DriftKind, id: string, detail: string): void => {
      found.drift.push({ kind, id, detail })
      onDrift?.({ kind, id, detail })
    }
    const part = async (what: string, work: () => Promise<void>): Promise<void> => {
      signal?.throwIfAborted()
      lost = 0
      try {
        await work()
      } catch (error) {
        signal?.throwIfAborted()
        failures.push({ what, error })
      }
    }
    /** One after the other; one that fails keeps no other waiting. Returns those that failed. */
    const each = async <T extends { id: string }>(items: T[], work: (item: T) => Promise<void>): Promise<T[]> => {
      const failed: T[] = []
      for (const item of lastWhatFailed(items)) {
        signal?.throwIfAborted()
        if (lost > patience) throw new Error('a part is away: the rest is left for the next run')
        const began = performance.now()
        try {
          await work(item)
        } catch (error) {
          failures.push({ what: item.id, error })
          failed.push(item)
          lost += performance.now() - began
        }
      }
      return failed
    }

    const takeIn = async (event: Stripe.Event): Promise<void> => {
      if (!isReadable(event)) {
        found.unreadable.push({ id: event.id, type: event.type })
        if (!dryRun) await alertUnreadableEvent(db, event)
        return
      }
      if (!dryRun) await withCorrelationIds({ eventId: event.id }, () => door.receive(event, 'reconcile'))
      mended('missing_event', event.id, `${event.type} of ${new Date(event.created * 1000).toISOString()}`)
    }

    const now = new Date()
    await part('events that are not applied', async () => {
      await each(await unappliedEvents(db, now, batch), async ({ type, ...event }) => {
        if (!dryRun) await withCorrelationIds({ eventId: event.id }, () => door.pass(event))
        mended('unapplied_event', event.id, type)
      })
    })
    await part('purchases that have stopped', async () => {
      await each(await stuckPurchases(db, now, batch), async (purchase) => {
        const detail = `its checkout ends at ${purchase.checkoutDeadline.toISOString()}`
        if (await restart(purchase, dryRun)) mended('stopped_purchase', purchase.id, detail)
      })
    })
    await part('refunds that have stopped', async () => {
      const stopped = (await stuckRefunds(db, now, batch)).map((refund) => ({ ...refund, id: refund.purchase.id }))
      await each(stopped, async ({ requestId, purchase }) => {
        if (await restart(purchase, dryRun)) mended('stopped_refund', purchase.id, requestId)
      })
    })
    await part('payments that nothing covers any more', async () => {
      const endedSince = scope.endedSince ?? new Date(since * 1000)
      const uncovered = await uncoveredPayments(db, { since: endedSince, now }, batch)
      const failed = await each(uncovered, async ({ payment, ...purchase }) => {
        if (!dryRun) await purchases.signal(purchase, { eventId: null, snapshots: [], refresh: { payment } })
        mended('uncovered_payment', purchase.id, payment)
      })
      if (failed.length === 0 && uncovered.length < batch) await scope.onEndsLooked?.(now)
    })
    await part("Stripe's events", async () => {
      let lacking = false
      for (let from = since; from <= until; from += span) {
        const to = Math.min(from + span - 1, until)
        const failed: Stripe.Event[] = []
        for await (const events of stripe.eventsMade(from, to, eventTypes)) {
          signal?.throwIfAborted()
          const missing = await missingEvents(db, idsOf(events))
          failed.push(
            ...(await each(
              events.filter(({ id }) => missing.has(id)),
              takeIn,
            )),
          )
          found.events += events.length
          onProgress?.(found.events)
        }
        // One that the ledger has is tried again from there; one that it lacks is found again from before it only.
        const lacked = await missingEvents(db, idsOf(failed))
        if (!lacking) await onCompared?.(Math.min(to, ...failed.filter(({ id }) => lacked.has(id)).map(({ created }) => created)))
        lacking ||= lacked.size > 0
      }
    })
    failedBefore = new Set(failures.map(({ what }) => what))
    return { found, failures }
  }

  const orUnfinished = ({ found, failures }: { found: Reconciliation; failures: Failure[] }): Reconciliation => {
    if (failures.length > 0) throw new ReconcileIncompleteError(failures)
    return found
  }

  return {
    reconcile: async (scope: ReconcileScope): Promise<Reconciliation> => orUnfinished(await run(scope)),

    /**
     * From where the last run ended, with an overlap; events that a webhook may still bring are left for the next run. It ends before the
     * first event that the ledger lacks: that one is looked for again.
     */
    continue: async (
      now: number,
      watch: Pick<ReconcileScope, 'onProgress' | 'onDrift' | 'signal'> = {},
    ): Promise<Reconciliation> => {
      const cursor = await readCursor(db, stripeEventsCursor)
      const until = Math.floor(now / 1000) - grace
      const since = Math.max(
        cursor === null ? 0 : Math.floor(cursor.getTime() / 1000) - overlap,
        until - stripeEventRetentionSeconds,
      )
      const looked = (await readCursor(db, endsLooked)) ?? new Date(since * 1000)
      const found = orUnfinished(
        await run({
          ...watch,
          since,
          endedSince: new Date(looked.getTime() - overlap * 1000),
          onEndsLooked: (ended) => moveCursor(db, endsLooked, ended),
          until,
          dryRun: false,
          onCompared: (compared) => moveCursor(db, stripeEventsCursor, new Date(compared * 1000)),
        }),
      )
      if (ledgerDays !== undefined) await clearExpiredEvents(db, new Date(now - ledgerDays * 86_400_000), emptiedAtOnce)
      return found
    },
  }
}

const idsOf = (events: { id: string }[]): string[] => events.map(({ id }) => id)

export type Reconciler = ReturnType<typeof createReconciler>

/** The cursor of the time until which ends of access in time have been looked at. */
const endsLooked = 'ends-of-access'

/** Seconds that are read twice, for events that Stripe lists late, and for workflows that did not get to hear of it. */
const overlap = 600

/** Seconds for which Stripe keeps events (its reference, "Events"). */
export const stripeEventRetentionSeconds = 30 * 86_400
