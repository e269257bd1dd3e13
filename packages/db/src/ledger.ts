import type { Db } from './client.ts'
import { type StoredReading, storedReading } from './stored.ts'

export interface LedgerEntry {
  id: string
  type: string
  /** Seconds since the epoch. */
  createdAt: number
  objectId: string
  livemode: boolean
  account: string | null
  reading: StoredReading
  source: 'webhook' | 'reconcile'
}

/** `signalled` when the purchase has been told of the event already, or nobody has to be. */
export type LedgerState = 'new' | 'signalled'

/** Keeps an event before anything is done with it. An event that is known keeps what it has. */
export const recordEvent = async (db: Db, entry: LedgerEntry): Promise<LedgerState> => {
  const { createdAt, ...event } = entry
  await db.stripeEvent.createMany({
    data: [{ ...event, createdAt: new Date(createdAt * 1000), outcome: 'received' }],
    skipDuplicates: true,
  })
  const stored = await db.stripeEvent.findUniqueOrThrow({ where: { id: entry.id }, select: { outcome: true, signalledAt: true } })
  return stored.outcome === 'received' || (stored.outcome === 'ours' && stored.signalledAt === null) ? 'new' : 'signalled'
}

/** Keeps an event that is nobody's here, so that the operator can see it. */
export const setAside = async (db: Db, id: string, outcome: 'foreign' | 'orphan', purchaseId: string | null): Promise<void> => {
  await db.stripeEvent.update({ where: { id }, data: { outcome, purchaseId } })
  if (outcome !== 'orphan') return
  await db.alert.createMany({
    data: [{ kind: 'orphan_event', dedupeKey: `orphan_event:${id}`, detail: { eventId: id, purchaseId } }],
    skipDuplicates: true,
  })
}

export const markSignalled = async (db: Db, id: string, purchaseId: string): Promise<void> => {
  await db.stripeEvent.update({ where: { id }, data: { outcome: 'ours', purchaseId, signalledAt: new Date() } })
}

/** What a workflow is started with: what its summary and search attributes say. */
export interface Starter {
  id: string
  userId: string
  entityId: string
  productId: string
  status: string
  title: string
  amount: number
  currency: string
  checkoutDeadline: Date
}

const starter = {
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

export const readStarter = async (db: Db, id: string): Promise<Starter | null> => {
  const row = await db.purchase.findUnique({ where: { id }, select: starter })
  return row && { ...row, title: row.entity.title }
}

/** The purchase that a payment intent is known to belong to. */
export const purchaseOfPayment = async (db: Db, payment: string): Promise<string | null> => {
  const row = await db.purchase.findUnique({ where: { externalTransactionId: payment }, select: { id: true } })
  return row?.id ?? null
}

/** Pending purchases whose workflow is not known to run: made before `before`, never started or past their checkout's end. */
export const stalePurchases = async (db: Db, before: Date, limit: number): Promise<Starter[]> => {
  const rows = await db.purchase.findMany({
    where: {
      status: 'Pending',
      OR: [
        { workflowStartedAt: null, createdAt: { lt: before } },
        { processing: false, checkoutDeadline: { lt: before } },
      ],
    },
    orderBy: { checkoutDeadline: 'asc' },
    take: limit,
    select: starter,
  })
  return rows.map((row) => ({ ...row, title: row.entity.title }))
}

export const markStarted = async (db: Db, ids: string[]): Promise<void> => {
  await db.purchase.updateMany({ where: { id: { in: ids }, workflowStartedAt: null }, data: { workflowStartedAt: new Date() } })
}

/** Events that were received before `before` and not applied: to be signalled again. */
export const unappliedEvents = async (db: Db, before: Date, limit: number) => {
  const rows = await db.stripeEvent.findMany({
    where: { appliedAt: null, outcome: { in: ['received', 'ours'] }, receivedAt: { lt: before } },
    orderBy: { receivedAt: 'asc' },
    take: limit,
  })
  return rows.map((row) => ({ id: row.id, type: row.type, reading: storedReading.parse(row.reading) }))
}

/** Those of the given event ids that the ledger lacks. */
export const missingEvents = async (db: Db, ids: string[]): Promise<Set<string>> => {
  const known = await db.stripeEvent.findMany({ where: { id: { in: ids } }, select: { id: true } })
  const have = new Set(known.map((event) => event.id))
  return new Set(ids.filter((id) => !have.has(id)))
}

/** How far Stripe's events have been read, or null before the first time. */
export const readCursor = async (db: Db, name: string): Promise<Date | null> =>
  (await db.cursor.findUnique({ where: { name } }))?.at ?? null

export const moveCursor = async (db: Db, name: string, at: Date): Promise<void> => {
  await db.cursor.upsert({ where: { name }, create: { name, at }, update: { at } })
}
