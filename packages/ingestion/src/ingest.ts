import { setTimeout as sleep } from 'node:timers/promises'
import { type Db, findPurchaseByPaymentIntent, readWorkflowStartInput } from '@pay-to-view/db'
import { isForeignSite, isOtherSite, type NamedPurchase, type StripeGateway } from '@pay-to-view/stripe'
import { addCorrelationIds } from '@pay-to-view/telemetry'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type Stripe from 'stripe'
import {
  type LedgerEntry,
  markDispatched,
  markForeign,
  markOrphan,
  type RecordedEvent,
  recordEvent,
  type StoredParsedEvent,
} from './event-ledger.ts'
import { parseValidEvent } from './validate-event.ts'

/**
 * `duplicate`: the event was handled before. `ignored`: its type has no handler. `foreign`, `orphan`: the event belongs to none of our
 * purchases. `deferred`: the event is recorded, and the reconciler will dispatch it.
 */
export type IngestResult = 'dispatched' | 'duplicate' | 'ignored' | 'foreign' | 'orphan' | 'deferred'

export interface EventIngestorDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  /** Whether our key is a live-mode key. Events of the other mode are foreign. */
  livemode: boolean
  /** The SITE_ID. Events of another site's sessions on the same account are foreign. */
  site?: string | undefined
}

/** Both methods reject while Postgres, Temporal or Stripe is unavailable; the event then has to be ingested again. */
export interface EventIngestor {
  ingest(event: Stripe.Event, source: LedgerEntry['source']): Promise<IngestResult>
  /** Dispatches an event that is already in the ledger. */
  dispatch(event: RecordedEvent): Promise<IngestResult>
}

/** Creates a set that keeps only the newest ids. */
const createRecentIds = (limit: number) => {
  const ids = new Set<string>()
  return {
    has: (id: string): boolean => ids.has(id),
    add: (id: string): void => {
      // A Set iterates in insertion order, so the first member is the oldest.
      const [oldest] = ids.size < limit ? [] : ids
      if (oldest !== undefined) ids.delete(oldest)
      ids.add(id)
    },
  }
}

/**
 * The number of webhooks that may look up their purchases in Stripe concurrently. Additional webhooks wait briefly and are then left to the
 * reconciler. Without this limit, an unresponsive Stripe would also block webhooks that do not need Stripe.
 */
const maxLookups = 2
const lookupWaitMs = 1_000
const lookupPollMs = 25

/** The only entry point for Stripe's events, whether a webhook delivers them or the reconciler finds them. */
export const createEventIngestor = ({ db, stripe, purchases, livemode, site }: EventIngestorDeps): EventIngestor => {
  // Stripe redelivers an event if our response was late or lost.
  const dispatchedEventIds = createRecentIds(10_000)

  let lookups = 0
  const lookUpAtStripe = async (paymentIntentId: string, isWebhook: boolean): Promise<NamedPurchase | 'deferred' | null> => {
    if (!isWebhook) return stripe.findPurchase(paymentIntentId)
    for (let waitedMs = 0; lookups >= maxLookups; waitedMs += lookupPollMs) {
      if (waitedMs >= lookupWaitMs) return 'deferred'
      await sleep(lookupPollMs)
    }
    lookups++
    return stripe.findPurchase(paymentIntentId).finally(() => lookups--)
  }

  const findPurchase = async (parsed: StoredParsedEvent, isWebhook: boolean): Promise<NamedPurchase | 'deferred' | null> => {
    const { purchaseId, paymentIntentId } = parsed
    if (purchaseId !== null) return { purchaseId, site: parsed.site }
    if (paymentIntentId === null) return null
    const known = await findPurchaseByPaymentIntent(db, paymentIntentId)
    return known === null ? lookUpAtStripe(paymentIntentId, isWebhook) : { purchaseId: known, site: null }
  }

  const setForeign = async (id: string): Promise<IngestResult> => {
    await markForeign(db, id)
    return 'foreign'
  }

  /** `known` is the purchase that the event names, if the purchase was already read. */
  const dispatchEvent = async (
    { id, parsed, ...event }: RecordedEvent,
    { known = null, isWebhook = false }: { known?: WorkflowStartInput | null; isWebhook?: boolean } = {},
  ): Promise<IngestResult> => {
    const isOurs = event.livemode === livemode && event.account === null
    const named = isOurs ? await findPurchase(parsed, isWebhook) : null
    if (named === 'deferred') return named
    if (named === null || isOtherSite(named.site, site)) return setForeign(id)
    const { purchaseId } = named
    addCorrelationIds({ purchaseId })
    const purchase = known ?? (await readWorkflowStartInput(db, purchaseId))
    if (!purchase) {
      if (isForeignSite(named.site, site)) return setForeign(id)
      await markOrphan(db, id, purchaseId)
      return 'orphan'
    }
    const { snapshots, needsRefresh, paymentIntentId } = parsed
    const refresh = needsRefresh ? { paymentIntentId } : null
    await purchases.signalStripeEvent(purchase, { eventId: id, snapshots, refresh })
    await markDispatched(db, id, purchaseId)
    dispatchedEventIds.add(id)
    return 'dispatched'
  }

  return {
    dispatch: (event) => dispatchEvent(event),
    ingest: async (event, source) => {
      // Only webhooks are skipped: the reconciler must ingest an event that is missing from the ledger, even if this process has dispatched
      // it.
      if (source === 'webhook' && dispatchedEventIds.has(event.id)) return 'duplicate'
      const parsed = parseValidEvent(event)
      if (!parsed) return 'ignored'
      const { objectId, ...stored } = parsed
      const recorded = { id: event.id, livemode: event.livemode, account: event.account ?? null, parsed: stored }
      const { needsDispatch, purchase } = await recordEvent(db, {
        ...recorded,
        type: event.type,
        createdAt: event.created,
        objectId,
        source,
      })
      if (needsDispatch) return dispatchEvent(recorded, { known: purchase, isWebhook: source === 'webhook' })
      dispatchedEventIds.add(event.id)
      return 'duplicate'
    },
  }
}
