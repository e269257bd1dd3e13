import {
  type Db,
  findPurchaseByPaymentIntent,
  markDispatched,
  markUnmatched,
  readWorkflowStartInput,
  recordEvent,
  type StoredParsedEvent,
  storedParsedEvent,
} from '@pay-to-view/db'
import type { StripeGateway } from '@pay-to-view/stripe'
import { addCorrelationIds } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type Stripe from 'stripe'
import { z } from 'zod'
import { type ParsedEvent, parseEvent } from './parse-event.ts'

/** What became of an event. `repeated` was known and its purchase told; `ignored` has a type that says nothing here. */
export type IngestResult = 'signalled' | 'repeated' | 'ignored' | 'foreign' | 'orphan'

export interface EventIngestorDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  /** Whether our key is a live one: events of the other mode are not ours. */
  livemode: boolean
}

/** An event as the ledger keeps it. */
export interface RecordedEvent {
  id: string
  livemode: boolean
  /** The connected account that it is about; null for our own. */
  account: string | null
  reading: StoredParsedEvent
}

/** What every event has. The last second is that of the year 9999. */
const id = z.string().regex(/^\w{1,255}$/)
const envelope = z.object({
  id,
  created: z.int().min(0).max(253_402_300_799),
  livemode: z.boolean(),
  account: id.optional(),
})
const content = storedParsedEvent.extend({ objectId: id, paymentIntentId: id.nullable() })

/** Postgres keeps no NUL and no half of a surrogate pair: JSON writes both as escapes. */
const isUnstorable = (reading: StoredParsedEvent): boolean => /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(reading))

/** An event that lacks what Stripe's events have: nobody sends it but a script. */
export class UnreadableEvent extends Error {
  override name = 'UnreadableEvent'
}

/** Reading is pure: what it stumbles over is something that the event lacks. */
const whatItSays = (event: Stripe.Event): ParsedEvent | null => {
  try {
    return parseEvent(event)
  } catch (cause) {
    throw new UnreadableEvent(lacking(event), { cause })
  }
}

const isWhole = (event: Stripe.Event, reading: ParsedEvent): boolean =>
  envelope.safeParse(event).success && content.safeParse(reading).success && !isUnstorable(reading)

/** Null for a type that says nothing here. */
const read = (event: Stripe.Event): ParsedEvent | null => {
  const reading = whatItSays(event)
  if (reading && !isWhole(event, reading)) throw new UnreadableEvent(lacking(event))
  return reading
}

/** False for an event that the door rejects for good. */
export const isReadable = (event: Stripe.Event): boolean => {
  try {
    read(event)
    return true
  } catch (error) {
    if (error instanceof UnreadableEvent) return false
    throw error
  }
}

/** Neither needs to be a text here. */
const lacking = ({ id, type }: Stripe.Event): string =>
  `Event ${JSON.stringify(id)} lacks what Stripe's events of type ${JSON.stringify(type)} have`

/** The last events whose purchases this process has told of them: Stripe sends one again when our answer was late or lost. */
const createMemory = (most: number) => {
  const ids = new Set<string>()
  return {
    has: (id: string): boolean => ids.has(id),
    add: (id: string): void => {
      // The oldest makes room: a Set keeps the order in which it was filled.
      const [oldest] = ids.size < most ? [] : ids
      if (oldest !== undefined) ids.delete(oldest)
      ids.add(id)
    },
  }
}

/**
 * The one way in for Stripe's events, whether a webhook brings them or the reconciler finds them. Rejects while Postgres, Temporal or
 * (for the look-up) Stripe is away: then the event has to come again.
 */
export const createEventIngestor = ({ db, stripe, purchases, livemode }: EventIngestorDeps) => {
  const told = createMemory(10_000)

  const purchaseOf = async ({ purchaseId, paymentIntentId: payment }: StoredParsedEvent): Promise<string | null> =>
    purchaseId ?? (payment && ((await findPurchaseByPaymentIntent(db, payment)) ?? (await stripe.purchaseOf(payment))))

  /** Tells the purchase of an event that the ledger holds; `known` is the purchase that the event names, where it was read already. */
  const pass = async (
    { id, reading, ...event }: RecordedEvent,
    known: WorkflowStartInput | null = null,
  ): Promise<IngestResult> => {
    const isOurs = event.livemode === livemode && event.account === null
    const purchaseId = isOurs ? await purchaseOf(reading) : null
    if (purchaseId === null) {
      await markUnmatched(db, id, 'foreign', null)
      return 'foreign'
    }
    addCorrelationIds({ purchaseId })
    const purchase = known ?? (await readWorkflowStartInput(db, purchaseId))
    if (!purchase) {
      await markUnmatched(db, id, 'orphan', purchaseId)
      return 'orphan'
    }
    const { snapshots, needsRefresh, paymentIntentId: payment } = reading
    await purchases.signal(purchase, { eventId: id, snapshots, refresh: needsRefresh && payment !== null ? { payment } : null })
    await markDispatched(db, id, purchaseId)
    told.add(id)
    return 'signalled'
  }

  return {
    pass: (event: RecordedEvent) => pass(event),
    receive: async (event: Stripe.Event, source: 'webhook' | 'reconcile'): Promise<IngestResult> => {
      // The reconciler asks because the ledger lacks it.
      if (source === 'webhook' && told.has(event.id)) return 'repeated'
      const reading = read(event)
      if (!reading) return 'ignored'
      const { objectId, ...stored } = reading
      const kept = { id: event.id, livemode: event.livemode, account: event.account ?? null, reading: stored }
      const { state, purchase } = await recordEvent(db, {
        ...kept,
        type: event.type,
        createdAt: event.created,
        objectId,
        source,
      })
      if (state !== 'signalled') return pass(kept, purchase)
      told.add(event.id)
      return 'repeated'
    },
  }
}

export type EventIngestor = ReturnType<typeof createEventIngestor>
