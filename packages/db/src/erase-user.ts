import { factsOf, type Snapshot } from '@pay-to-view/purchase'
import type { ChangeCause } from '@pay-to-view/workflow-client/types'
import { typeid } from 'typeid-js'
import { lockUser, notifyAccess, readActiveGrants } from './access.ts'
import { applyFacts } from './apply/apply-facts.ts'
import type { Db } from './client.ts'
import { Prisma } from './generated/client.ts'
import { storedFacts } from './json-columns.ts'

// Erasing a user replaces their id with a pseudonym. This file is the only one that writes facts and grants without the workflow of the
// purchase: a signal would store the user's id, or the pseudonym next to it, in a workflow history that the erasure has to delete. That is
// safe because nothing of the user may be pending, every write holds the user's lock, and only ids change: the projection stays the same.

type Tx = Prisma.TransactionClient

/** The stored data of a user, and the reasons that prevent the erasure. */
export interface UserDataInventory {
  stripeCustomerId: string | null
  /** With the Stripe ids of the checkout sessions and payments in the user's name, unpaid ones included. */
  purchases: { id: string; sessions: string[]; payments: string[] }[]
  /** Reasons why the user cannot be erased yet: money may still move, so the user must stay known. */
  blockers: string[]
  /** Descriptions of the access that the user would lose. */
  access: string[]
  /** The number of events that name the user and belong to no purchase here. */
  unmatchedEvents: number
}

const columns = {
  id: true,
  sessionId: true,
  status: true,
  externalTransactionId: true,
  facts: true,
  refundRequests: { where: { respondedAt: null }, select: { requestId: true } },
  refunds: { where: { status: { in: ['pending', 'requires_action'] } }, select: { id: true } },
} satisfies Prisma.PurchaseSelect

type Row = Prisma.PurchaseGetPayload<{ select: typeof columns }>

const blockersOf = ({ id, status, refundRequests, refunds }: Row): string[] => [
  ...(status === 'Pending' || status === 'Disputed' ? [`${id} is ${status}`] : []),
  ...refundRequests.map(({ requestId }) => `${id} waits for the refund request ${requestId}`),
  ...refunds.map((refund) => `${id} waits for the bank to complete ${refund.id}`),
]

/** A checkout session that was created by hand may name another user or none. Then it and its payment are left alone. */
const stripeObjectsOf = ({ sessionId, externalTransactionId, facts }: Row, userId: string) => {
  const stored = storedFacts.parse(facts)
  const sessions = factsOf(stored, 'session')
  const own = sessions.filter((session) => session.userId === userId)
  const others = sessions.filter((session) => session.userId !== userId)
  const payments = [
    ...own.map(({ paymentIntentId }) => paymentIntentId),
    ...factsOf(stored, 'payment').map(({ id }) => id),
  ].filter((payment) => !others.some((session) => session.paymentIntentId === payment))
  const distinct = (ids: (string | null)[]): string[] => [...new Set(ids)].filter((id) => id !== null)
  return {
    sessions: distinct([sessionId, ...own.map(({ id }) => id)]),
    payments: distinct([externalTransactionId, ...payments]),
  }
}

/** The condition for events that name a user and belong to no purchase here. */
const unmatchedEventsOf = (userId: string) =>
  Prisma.sql`outcome in ('orphan', 'foreign') and parsed -> 'snapshots' @> ${JSON.stringify([{ userId }])}::jsonb`

const readInventory = async (tx: Tx, userId: string): Promise<UserDataInventory> => {
  const customer = await tx.customer.findUnique({ where: { userId } })
  const rows = await tx.purchase.findMany({ where: { userId }, orderBy: { id: 'asc' }, select: columns })
  const grants = await readActiveGrants(tx, userId)
  const unapplied = await tx.stripeEvent.findMany({
    where: { purchaseId: { in: rows.map(({ id }) => id) }, appliedAt: null, outcome: { in: ['received', 'matched'] } },
    orderBy: { id: 'asc' },
  })
  const [unmatched] = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int from stripe_events where ${unmatchedEventsOf(userId)}`
  return {
    unmatchedEvents: unmatched?.count ?? 0,
    stripeCustomerId: customer?.stripeCustomerId ?? null,
    purchases: rows.map((row) => ({ id: row.id, ...stripeObjectsOf(row, userId) })),
    blockers: [...rows.flatMap(blockersOf), ...unapplied.map(({ id, purchaseId }) => `${purchaseId} has not applied ${id}`)],
    access: grants.map(({ purchaseId, entityId, expiresAt }) =>
      expiresAt
        ? `${purchaseId} gives access to ${entityId} until ${expiresAt.toISOString()}`
        : `${purchaseId} gives permanent access to ${entityId}`,
    ),
  }
}

export const readUserDataInventory = (db: Db, userId: string): Promise<UserDataInventory> =>
  db.$transaction((tx) => readInventory(tx, userId))

/** The pseudonym of an erasure of this user that was interrupted; null if there is none. */
export const findStartedErasure = async (db: Db, userId: string): Promise<string | null> =>
  (await db.erasure.findUnique({ where: { userId } }))?.pseudonym ?? null

/** A user's id as the JSON that a snapshot contains. */
const userIdJson = (userId: string): string => JSON.stringify({ userId })

/** Replaces a user's id in the facts and events of these purchases, and in events that belong to no purchase. */
const replaceInFacts = async (tx: Tx, ids: string[], userId: string, pseudonym: string): Promise<void> => {
  const [before, after] = [userIdJson(userId), userIdJson(pseudonym)]
  await tx.$executeRaw`
    update purchases set facts = (
      select coalesce(jsonb_object_agg(key, case when value @> ${before}::jsonb then value || ${after}::jsonb else value end), '{}')
      from jsonb_each(facts))
    where id = any (${ids})`
  await tx.$executeRaw`
    update stripe_events set parsed = jsonb_set(parsed, '{snapshots}',
      (select coalesce(jsonb_agg(case when snapshot @> ${before}::jsonb then snapshot || ${after}::jsonb else snapshot end), '[]')
        from jsonb_array_elements(parsed -> 'snapshots') as snapshot))
    where (purchase_id = any (${ids}) and parsed ? 'snapshots') or (${unmatchedEventsOf(userId)})`
}

/**
 * Starts an erasure: replaces the user's id with a pseudonym in purchases, facts, grants and events. Everything else about the purchases
 * stays. Returns null, without writing anything, if something prevents the erasure.
 */
export const startErasure = (db: Db, userId: string, by: string): Promise<string | null> =>
  db.$transaction(
    async (tx) => {
      await lockUser(tx, userId)
      const { blockers, purchases } = await readInventory(tx, userId)
      if (blockers.length > 0) return null
      const pseudonym = typeid('forgotten').toString()
      const ids = purchases.map(({ id }) => id)
      const grants = await tx.grant.findMany({ where: { userId, endedAt: null } })
      for (const { entityId } of grants) await notifyAccess(tx, userId, entityId)
      const metadata = userIdJson(pseudonym)
      await tx.$executeRaw`
        update purchases set user_id = ${pseudonym}, updated_at = now(),
          checkout_request = (checkout_request - 'return_url') || jsonb_build_object('customer', ${pseudonym}::text,
            'metadata', (checkout_request -> 'metadata') || ${metadata}::jsonb,
            'payment_intent_data', jsonb_build_object('metadata', (checkout_request #> '{payment_intent_data,metadata}') || ${metadata}::jsonb))
        where user_id = ${userId}`
      await replaceInFacts(tx, ids, userId, pseudonym)
      await tx.grant.updateMany({ where: { userId }, data: { userId: pseudonym } })
      await tx.customer.updateMany({ where: { userId }, data: { userId: pseudonym } })
      const cause = { kind: 'erasure', by } satisfies ChangeCause
      const rows = await tx.purchase.findMany({ where: { id: { in: ids } }, select: { id: true, status: true } })
      await tx.change.createMany({
        data: rows.map(({ id, status }) => ({ purchaseId: id, fromStatus: status, toStatus: status, cause })),
      })
      await tx.erasure.create({ data: { pseudonym, userId, requestedBy: by, purchases: ids.length } })
      return pseudonym
    },
    { timeout: 60_000 },
  )

/** Replaces the user's id in everything that was received since the erasure started. */
const replaceReceivedSince = async (tx: Tx, pseudonym: string): Promise<void> => {
  await lockUser(tx, pseudonym)
  const { userId } = await tx.erasure.findUniqueOrThrow({ where: { pseudonym } })
  if (userId === null) return
  const rows = await tx.purchase.findMany({ where: { userId: pseudonym }, select: { id: true } })
  const ids = rows.map(({ id }) => id)
  await replaceInFacts(tx, ids, userId, pseudonym)
}

export const continueErasure = (db: Db, pseudonym: string): Promise<void> =>
  db.$transaction((tx) => replaceReceivedSince(tx, pseudonym), { timeout: 60_000 })

/** Applies the snapshots of Stripe objects whose metadata now carries the pseudonym. */
export const applyErasedSnapshots = async (db: Db, id: string, snapshots: readonly Snapshot[], by: string): Promise<void> => {
  await applyFacts(db, { id, snapshots, cause: { kind: 'erasure', by } })
}

/** Deletes the user's id from the erasure: from now on nothing connects the pseudonym with the user. */
export const finishErasure = (db: Db, pseudonym: string): Promise<void> =>
  db.$transaction(
    async (tx) => {
      await replaceReceivedSince(tx, pseudonym)
      await tx.customer.deleteMany({ where: { userId: pseudonym } })
      await tx.erasure.update({ where: { pseudonym }, data: { userId: null, finishedAt: new Date() } })
    },
    { timeout: 60_000 },
  )
