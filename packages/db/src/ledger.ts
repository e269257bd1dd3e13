import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { type Db, preparedQuery } from './client.ts'
import { type StoredParsedEvent, storedParsedEvent } from './stored.ts'

export interface LedgerEntry {
  id: string
  type: string
  /** Seconds since the epoch. */
  createdAt: number
  objectId: string
  livemode: boolean
  account: string | null
  reading: StoredParsedEvent
  source: 'webhook' | 'reconcile'
}

/** `signalled` when the purchase has been told of the event already, or nobody has to be. */
export type LedgerState = 'new' | 'signalled'

type Recorded = Omit<WorkflowStartInput, 'id'> & { id: string | null; outcome: string | null; signalledAt: Date | null }

/**
 * Keeps an event before anything is done with it, and reads the purchase that it names. An event that is known keeps what it has. The hot
 * path of the webhook: one statement.
 */
export const recordEvent = async (
  db: Db,
  entry: LedgerEntry,
): Promise<{ state: LedgerState; purchase: WorkflowStartInput | null }> => {
  const { id, type, createdAt, objectId, livemode, account, reading, source } = entry
  const [row] = await preparedQuery<Recorded>(db)`
    with known as (
      select outcome, signalled_at from stripe_events where id = ${id}
    ), kept as (
      insert into stripe_events (id, type, created_at, object_id, livemode, account, outcome, reading, source)
      select ${id}, ${type}, ${new Date(createdAt * 1000)}::timestamptz, ${objectId}, ${livemode}::boolean, ${account}, 'received',
        ${JSON.stringify(reading)}::jsonb, ${source}
      where not exists (select from known)
      on conflict do nothing
    )
    select known.outcome, known.signalled_at as "signalledAt", purchases.id, purchases.user_id as "userId", purchases.entity_id as "entityId",
      purchases.product_id as "productId", purchases.status, purchases.amount, purchases.currency,
      purchases.checkout_deadline as "checkoutDeadline", entities.title
    from (select) as one
    left join known on true
    left join purchases on purchases.id = ${reading.purchaseId}
    left join entities on entities.id = purchases.entity_id`
  if (!row) throw new Error('A statement without a condition gave no row')
  const { outcome, signalledAt, id: purchaseId, ...purchase } = row
  const isNew = outcome === null || outcome === 'received' || (outcome === 'ours' && signalledAt === null)
  return { state: isNew ? 'new' : 'signalled', purchase: purchaseId === null ? null : { id: purchaseId, ...purchase } }
}

/** Keeps an event that is nobody's here, so that the operator can see it. */
export const markUnmatched = async (
  db: Db,
  id: string,
  outcome: 'foreign' | 'orphan',
  purchaseId: string | null,
): Promise<void> => {
  await db.stripeEvent.update({ where: { id }, data: { outcome, purchaseId } })
  if (outcome !== 'orphan') return
  await db.alert.createMany({
    data: [{ kind: 'orphan_event', dedupeKey: `orphan_event:${id}`, detail: { eventId: id, purchaseId } }],
    skipDuplicates: true,
  })
}

/** Nothing can be done with an event that lacks what Stripe's events have: the operator is told, once. */
export const alertUnreadableEvent = async (db: Db, { id, type }: { id: string; type: string }): Promise<void> => {
  await db.alert.createMany({
    data: [{ kind: 'unreadable_event', dedupeKey: `unreadable_event:${id}`, detail: { eventId: id, type } }],
    skipDuplicates: true,
  })
}

export const markDispatched = async (db: Db, id: string, purchaseId: string): Promise<void> => {
  await preparedQuery(
    db,
  )`update stripe_events set outcome = 'ours', purchase_id = ${purchaseId}, signalled_at = now() where id = ${id}`
}

export const workflowStartColumns = {
  id: true,
  userId: true,
  entityId: true,
  productId: true,
  status: true,
  amount: true,
  currency: true,
  checkoutDeadline: true,
  entity: { select: { title: true } },
} as const

export const readWorkflowStartInput = async (db: Db, id: string): Promise<WorkflowStartInput | null> => {
  const row = await db.purchase.findUnique({ where: { id }, select: workflowStartColumns })
  return row && { ...row, title: row.entity.title }
}

/** The purchase that a payment intent is known to belong to. */
export const findPurchaseByPaymentIntent = async (db: Db, payment: string): Promise<string | null> => {
  const row = await db.purchase.findUnique({ where: { externalTransactionId: payment }, select: { id: true } })
  return row?.id ?? null
}

/** How long a purchase or an event may rest before it counts as stuck: milliseconds. */
export const stuckThresholds = {
  creation: 60_000,
  deadline: 120_000,
  event: 120_000,
  refund: 120_000,
  look: 600_000,
  payment: 86_400_000,
}

export const ago = (now: Date, milliseconds: number): Date => new Date(now.getTime() - milliseconds)

/**
 * Pending purchases whose workflow is not known to run: never started, or past their checkout's end without a result. One that was looked
 * at a while ago (`markStarted`) is not named again before `patienceOf.look`; one whose payment is under way not before a day.
 */
export const stuckPurchases = async (db: Db, now: Date, limit: number): Promise<WorkflowStartInput[]> => {
  const rows = await db.purchase.findMany({
    where: {
      status: 'Pending',
      OR: [
        { workflowStartedAt: null, createdAt: { lt: ago(now, stuckThresholds.creation) } },
        {
          checkoutDeadline: { lt: ago(now, stuckThresholds.deadline) },
          workflowStartedAt: { lt: ago(now, stuckThresholds.look) },
          processing: false,
          // One that is not as quoted waits for the operator.
          mismatch: null,
        },
        {
          checkoutDeadline: { lt: ago(now, stuckThresholds.payment) },
          workflowStartedAt: { lt: ago(now, stuckThresholds.payment) },
          mismatch: null,
        },
      ],
    },
    orderBy: { checkoutDeadline: 'asc' },
    take: limit,
    select: workflowStartColumns,
  })
  return rows.map((row) => ({ ...row, title: row.entity.title }))
}

/** The workflow of this purchase is known to run now. */
export const markWorkflowStarted = async (db: Db, id: string): Promise<void> => {
  await db.purchase.updateMany({ where: { id }, data: { workflowStartedAt: new Date() } })
}

/** Refunds that were asked for a while ago and have no answer, with the purchases that have to carry them out. */
export const stuckRefunds = async (
  db: Db,
  now: Date,
  limit: number,
): Promise<{ requestId: string; purchase: WorkflowStartInput }[]> => {
  const rows = await db.refundRequest.findMany({
    where: { answeredAt: null, createdAt: { lt: ago(now, stuckThresholds.refund) } },
    orderBy: { createdAt: 'asc' },
    take: limit,
    select: { requestId: true, purchase: { select: workflowStartColumns } },
  })
  return rows.map(({ requestId, purchase }) => ({ requestId, purchase: { ...purchase, title: purchase.entity.title } }))
}

/**
 * Events that were received a while ago and not applied, to be signalled again: ever less often, so that a long outage does not fill
 * histories. Those that cannot be read here stand in nobody's way; the doctor names them as late.
 */
export const unappliedEvents = async (db: Db, now: Date, limit: number) => {
  const readable = []
  for (let offset = 0; ; offset += limit) {
    const rows = await db.$queryRaw<
      { id: string; type: string; livemode: boolean; account: string | null; reading: unknown }[]
    >`SELECT id, type, livemode, account, reading FROM stripe_events
      WHERE applied_at IS NULL AND outcome IN ('received', 'ours') AND received_at < ${ago(now, stuckThresholds.event)}
        AND (signalled_at IS NULL OR ${now} - signalled_at > greatest(interval '2 minutes', signalled_at - received_at))
      ORDER BY received_at, id LIMIT ${limit} OFFSET ${offset}`
    for (const { reading, ...event } of rows) {
      const read = storedParsedEvent.safeParse(reading)
      if (read.success) readable.push({ ...event, reading: read.data })
    }
    if (rows.length < limit || readable.length >= limit) return readable
  }
}

/** Those of the given event ids that the ledger lacks. */
export const missingEvents = async (db: Db, ids: string[]): Promise<Set<string>> => {
  const known = await db.stripeEvent.findMany({ where: { id: { in: ids } }, select: { id: true } })
  const have = new Set(known.map((event) => event.id))
  return new Set(ids.filter((id) => !have.has(id)))
}

/** The cursor of the time until which Stripe's events have been compared with the ledger. */
export const stripeEventsCursor = 'stripe-events'

/** How far something has come, or null before the first time. */
export const readCursor = async (db: Db, name: string): Promise<Date | null> =>
  (await db.cursor.findUnique({ where: { name } }))?.at ?? null

export const moveCursor = async (db: Db, name: string, at: Date): Promise<void> => {
  await db.cursor.upsert({ where: { name }, create: { name, at }, update: { at } })
}
