import { ago, type Db, preparedQuery, snapshotSchema, stuckThresholds } from '@pay-to-view/db'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { z } from 'zod'

/** The stored part of a parsed event, which is enough to dispatch the event again. */
export const storedParsedEvent = z.object({
  purchaseId: z.string().nullable(),
  /** This field is missing from rows that were stored by an earlier version. */
  site: z.string().nullable().default(null),
  paymentIntentId: z.string().nullable(),
  snapshots: z.array(snapshotSchema),
  needsRefresh: z.boolean(),
})
export type StoredParsedEvent = z.infer<typeof storedParsedEvent>

/** A Stripe event in the event ledger. */
export interface RecordedEvent {
  id: string
  livemode: boolean
  /** The connected account that the event is about; null for our own account. */
  account: string | null
  parsed: StoredParsedEvent
}

/** A Stripe event to record. */
export interface LedgerEntry extends RecordedEvent {
  type: string
  /** Seconds since the epoch. */
  createdAt: number
  objectId: string
  source: 'webhook' | 'reconcile'
}

type RecordedRow = Omit<WorkflowStartInput, 'id'> & { id: string | null; outcome: string | null; dispatchedAt: Date | null }

/**
 * Records an event before it is processed, and reads the purchase that the event names, in one statement because webhooks wait for the
 * result. An event that is already recorded is not changed. `needsDispatch` is false if the event was already dispatched or found to belong
 * to no purchase.
 */
export const recordEvent = async (
  db: Db,
  entry: LedgerEntry,
): Promise<{ needsDispatch: boolean; purchase: WorkflowStartInput | null }> => {
  const { id, type, createdAt, objectId, livemode, account, parsed, source } = entry
  const [row] = await preparedQuery<RecordedRow>(db)`
    with known as (
      select outcome, dispatched_at from stripe_events where id = ${id}
    ), inserted as (
      insert into stripe_events (id, type, created_at, object_id, livemode, account, outcome, parsed, source)
      select ${id}, ${type}, ${new Date(createdAt * 1000)}::timestamptz, ${objectId}, ${livemode}::boolean, ${account}, 'received',
        ${JSON.stringify(parsed)}::jsonb, ${source}
      where not exists (select from known)
      on conflict do nothing
    )
    select known.outcome, known.dispatched_at as "dispatchedAt", purchases.id, purchases.user_id as "userId", purchases.entity_id as "entityId",
      purchases.product_id as "productId", purchases.status, purchases.amount, purchases.currency,
      purchases.checkout_deadline as "checkoutDeadline", entities.title
    from (select) as one
    left join known on true
    left join purchases on purchases.id = ${parsed.purchaseId}
    left join entities on entities.id = purchases.entity_id`
  if (!row) throw new Error('A statement without a condition returned no row')
  const { outcome, dispatchedAt, id: purchaseId, ...purchase } = row
  const needsDispatch = outcome === null || outcome === 'received' || (outcome === 'matched' && dispatchedAt === null)
  return { needsDispatch, purchase: purchaseId === null ? null : { id: purchaseId, ...purchase } }
}

/** Marks an event as foreign: it belongs to another system, account, mode or site. */
export const markForeign = async (db: Db, id: string): Promise<void> => {
  await db.stripeEvent.update({ where: { id }, data: { outcome: 'foreign', purchaseId: null } })
}

/**
 * Marks an event as an orphan: it names a purchase that does not exist. All orphan events of a day share one alert, which contains the
 * number of events and the latest ten events.
 */
export const markOrphan = async (db: Db, id: string, purchaseId: string): Promise<void> => {
  const dedupeKey = `orphan_event:${new Date().toISOString().slice(0, 10)}`
  await db.$executeRaw`
    with marked as (
      update stripe_events set outcome = 'orphan', purchase_id = ${purchaseId} where id = ${id} and outcome <> 'orphan' returning id, type
    )
    insert into alerts (kind, dedupe_key, detail)
    select 'orphan_event', ${dedupeKey}, jsonb_build_object('count', 1, 'latest',
      jsonb_build_array(jsonb_build_object('eventId', id, 'type', type, 'purchaseId', ${purchaseId}::text))) from marked
    on conflict (dedupe_key) do update set detail = jsonb_build_object('count', (alerts.detail ->> 'count')::int + 1, 'latest',
      jsonb_path_query_array((excluded.detail -> 'latest') || (alerts.detail -> 'latest'), '$[0 to 9]'))`
}

/** Raises one alert for an event that cannot be recorded because it lacks fields that all Stripe events have. */
export const alertUnreadableEvent = async (db: Db, { id, type }: { id: string; type: string }): Promise<void> => {
  await db.alert.createMany({
    data: [{ kind: 'unreadable_event', dedupeKey: `unreadable_event:${id}`, detail: { eventId: id, type } }],
    skipDuplicates: true,
  })
}

/** Marks an event as dispatched. This runs after the signal, so the workflow may already have applied the event or set it aside. */
export const markDispatched = async (db: Db, id: string, purchaseId: string): Promise<void> => {
  await preparedQuery(db)`
    update stripe_events set outcome = case when outcome = 'set_aside' then outcome else 'matched' end, purchase_id = ${purchaseId},
      dispatched_at = now()
    where id = ${id}`
}

/**
 * Returns unapplied events that were received more than `stuckThresholds.event` ago. The interval between dispatches of the same event
 * grows, so a long outage does not fill workflow histories. Rows whose JSON cannot be parsed are skipped; the doctor reports them as late.
 */
export const unappliedEvents = async (db: Db, now: Date, limit: number): Promise<(RecordedEvent & { type: string })[]> => {
  const found: (RecordedEvent & { type: string })[] = []
  for (let offset = 0; ; offset += limit) {
    const rows = await db.$queryRaw<
      { id: string; type: string; livemode: boolean; account: string | null; parsed: unknown }[]
    >`SELECT id, type, livemode, account, parsed FROM stripe_events
      WHERE applied_at IS NULL AND outcome IN ('received', 'matched') AND received_at < ${ago(now, stuckThresholds.event)}
        AND (dispatched_at IS NULL OR ${now} - dispatched_at > greatest(interval '2 minutes', dispatched_at - received_at))
      ORDER BY received_at, id LIMIT ${limit} OFFSET ${offset}`
    for (const row of rows) {
      const { data } = storedParsedEvent.safeParse(row.parsed)
      if (data) found.push({ ...row, parsed: data })
    }
    if (rows.length < limit || found.length >= limit) return found
  }
}

/** Returns which of the given event ids are missing from the ledger. */
export const missingEvents = async (db: Db, ids: string[]): Promise<Set<string>> => {
  const rows = await db.stripeEvent.findMany({ where: { id: { in: ids } }, select: { id: true } })
  const known = new Set(rows.map(({ id }) => id))
  return new Set(ids.filter((id) => !known.has(id)))
}
