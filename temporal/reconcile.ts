import {
  type Db,
  emptyLedger,
  markStarted,
  missingEvents,
  moveCursor,
  readCursor,
  type Starter,
  stuckPurchases,
  stuckRefunds,
  unappliedEvents,
  uncoveredPayments,
} from '@pay-to-view/db'
import { eventTypes, type StripeGateway } from '@pay-to-view/stripe'
import { within } from '@pay-to-view/telemetry'
import type Stripe from 'stripe'
import type { PurchaseClient } from './client.ts'
import { type Door, UnreadableEvent } from './door.ts'

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
  door: Door
  /** Seconds in which a webhook is not late. */
  grace: number
  /** Days for which what was read from an event is kept; undefined: for ever. */
  ledgerDays?: number
}

export interface Scope {
  /** Events made from here to there, seconds since the epoch. */
  since: number
  until: number
  /** Only look. */
  dryRun: boolean
  /** Called after each page: a long run shows that it lives. */
  onProgress?: (looked: number) => void
}

/** Events and purchases looked at, and what was found amiss: mended, unless only looked at. */
export interface Reconciliation {
  events: number
  drift: Drift[]
}

/** Rows looked at in one go: the next run takes the rest. */
const batch = 500

/** Events that are emptied in one run: more than come in between two runs at 1,000 purchases a minute. */
const emptiedAtOnce = 5_000

/** Events that may fail one by one before the whole run is given up. */
const mostFailures = 5

/** Compares Stripe's events with the ledger and the ledger with the workflows, and mends what differs through the webhook's own door. */
export const createReconciler = ({ db, stripe, purchases, door, grace, ledgerDays }: ReconcileDeps) => {
  const restart = async (purchase: Starter, dryRun: boolean): Promise<boolean> => {
    if (dryRun) return !(await purchases.isRunning(purchase.id))
    const started = await purchases.start(purchase)
    await markStarted(db, purchase.id)
    return started
  }

  /** False for an event that cannot be read: it stands in nobody's way. */
  const takeIn = async (event: Stripe.Event): Promise<boolean> => {
    try {
      await within({ eventId: event.id }, () => door.receive(event, 'reconcile'))
      return true
    } catch (error) {
      if (error instanceof UnreadableEvent) return false
      throw error
    }
  }

  const reconcile = async ({ since, until, dryRun, onProgress }: Scope): Promise<Reconciliation> => {
    const found: Reconciliation = { events: 0, drift: [] }
    const failures: unknown[] = []
    for await (const page of stripe.eventsSince(since, eventTypes)) {
      const events = page.filter((event) => event.created <= until)
      const missing = await missingEvents(
        db,
        events.map((event) => event.id),
      )
      for (const event of events.filter(({ id }) => missing.has(id))) {
        const detail = `${event.type} of ${new Date(event.created * 1000).toISOString()}`
        const readable = dryRun || (await takeIn(event))
        found.drift.push({ kind: 'missing_event', id: event.id, detail: readable ? detail : `${detail}: it cannot be read` })
      }
      found.events += events.length
      onProgress?.(found.events)
    }
    const now = new Date()
    for (const { type, ...event } of await unappliedEvents(db, now, batch)) {
      const { id } = event
      found.drift.push({ kind: 'unapplied_event', id, detail: type })
      if (dryRun) continue
      // One that cannot be passed on keeps nobody waiting: it is told at the end. Many say that a part is away.
      await within({ eventId: id }, () => door.pass(event)).catch((error: unknown) => {
        failures.push(error)
        if (failures.length === mostFailures) throw error
      })
    }
    for (const purchase of await stuckPurchases(db, now, batch)) {
      const detail = `its checkout ends at ${purchase.checkoutDeadline.toISOString()}`
      if (await restart(purchase, dryRun)) found.drift.push({ kind: 'stopped_purchase', id: purchase.id, detail })
    }
    for (const { requestId, purchase } of await stuckRefunds(db, now, batch)) {
      if (await restart(purchase, dryRun)) found.drift.push({ kind: 'stopped_refund', id: purchase.id, detail: requestId })
    }
    for (const { payment, ...purchase } of await uncoveredPayments(db, { since: new Date(since * 1000), now }, batch)) {
      found.drift.push({ kind: 'uncovered_payment', id: purchase.id, detail: payment })
      if (!dryRun) await purchases.signal(purchase, { eventId: null, snapshots: [], ask: { payment } })
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} events could not be passed on`)
    return found
  }

  return {
    reconcile,

    /** From where the last run ended, with an overlap; events that a webhook may still bring are left for the next run. */
    continue: async (now: number, onProgress?: (looked: number) => void): Promise<Reconciliation> => {
      const cursor = await readCursor(db, cursorName)
      const until = Math.floor(now / 1000) - grace
      const since = cursor === null ? 0 : Math.floor(cursor.getTime() / 1000) - overlap
      const found = await reconcile({ since: Math.max(since, until - kept), until, dryRun: false, onProgress })
      await moveCursor(db, cursorName, new Date(until * 1000))
      if (ledgerDays !== undefined) await emptyLedger(db, new Date(now - ledgerDays * 86_400_000), emptiedAtOnce)
      return found
    },
  }
}

export type Reconciler = ReturnType<typeof createReconciler>

const cursorName = 'stripe-events'

/** Seconds that are read twice, for events that Stripe lists late. */
const overlap = 600

/** Seconds for which Stripe keeps events (its reference, "Events"). */
const kept = 30 * 86_400
