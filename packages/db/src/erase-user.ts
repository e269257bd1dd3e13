import { factsOf } from '@pay-to-view/purchase'
import type { ChangeCause } from '@pay-to-view/workflow-client/types'
import { typeid } from 'typeid-js'
import { activeGrants, lockUser, notifyAccess } from './access.ts'
import type { Db } from './client.ts'
import { Prisma } from './generated/client.ts'
import { storedFacts } from './json-columns.ts'

type Tx = Prisma.TransactionClient

/** What there is of a user, and what keeps them from being forgotten now: in words, with the purchase's id. */
export interface UserDataInventory {
  stripeCustomerId: string | null
  /** With the checkouts and payments that Stripe holds under their name, also those that came to nothing. */
  purchases: { id: string; sessions: string[]; payments: string[] }[]
  /** Money may still move, and whose it is has to be known. */
  blockers: string[]
  /** Access that would be lost. */
  access: string[]
  /** Events of nobody's purchase here that name them. */
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

const openIn = ({ id, status, refundRequests, refunds }: Row): string[] => [
  ...(status === 'Pending' || status === 'Disputed' ? [`${id} is ${status}`] : []),
  ...refundRequests.map(({ requestId }) => `${id} waits for the refund ${requestId}`),
  ...refunds.map((refund) => `${id} waits for the bank: ${refund.id}`),
]

/** A checkout made by hand may name somebody else, or nobody: that one, and its payment, have nothing of theirs. */
const atStripe = ({ sessionId, externalTransactionId, facts }: Row, userId: string) => {
  const stored = storedFacts.parse(facts)
  const sessions = factsOf(stored, 'session')
  const own = sessions.filter((session) => session.userId === userId)
  const others = sessions.filter((session) => session.userId !== userId)
  const payments = [
    ...own.map(({ paymentIntentId: payment }) => payment),
    ...factsOf(stored, 'payment').map(({ id }) => id),
  ].filter((payment) => !others.some((session) => session.paymentIntentId === payment))
  const named = (ids: (string | null)[]): string[] => [...new Set(ids)].filter((id) => id !== null)
  return { sessions: named([sessionId, ...own.map(({ id }) => id)]), payments: named([externalTransactionId, ...payments]) }
}

/** Events of nobody's purchase here that name a user. */
const straysNaming = (userId: string) =>
  Prisma.sql`outcome in ('orphan', 'foreign') and parsed -> 'snapshots' @> ${JSON.stringify([{ userId }])}::jsonb`

const belongings = async (tx: Tx, userId: string): Promise<UserDataInventory> => {
  const [customer, rows, grants] = [
    await tx.customer.findUnique({ where: { userId } }),
    await tx.purchase.findMany({ where: { userId }, orderBy: { id: 'asc' }, select: columns }),
    await tx.grant.findMany({ where: { userId, ...activeGrants(new Date()) }, orderBy: { purchaseId: 'asc' } }),
  ]
  const events = await tx.stripeEvent.findMany({
    where: { purchaseId: { in: rows.map(({ id }) => id) }, appliedAt: null, outcome: { in: ['received', 'matched'] } },
    orderBy: { id: 'asc' },
  })
  const [stray] = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int from stripe_events where ${straysNaming(userId)}`
  return {
    unmatchedEvents: stray?.count ?? 0,
    stripeCustomerId: customer?.stripeCustomerId ?? null,
    purchases: rows.map((row) => ({ id: row.id, ...atStripe(row, userId) })),
    blockers: [...rows.flatMap(openIn), ...events.map(({ id, purchaseId }) => `${purchaseId} has not applied ${id}`)],
    access: grants.map(
      ({ purchaseId, entityId, expiresAt }) => `${purchaseId} opens ${entityId} until ${expiresAt?.toISOString() ?? 'ever'}`,
    ),
  }
}

export const readUserDataInventory = (db: Db, userId: string): Promise<UserDataInventory> =>
  db.$transaction((tx) => belongings(tx, userId))

/** The name under which the erasure of a user that was interrupted keeps their purchases; null where none was. */
export const findStartedErasure = async (db: Db, userId: string): Promise<string | null> =>
  (await db.erasure.findUnique({ where: { userId } }))?.pseudonym ?? null

/** As JSON that a snapshot contains, or is given. */
const naming = (userId: string): string => JSON.stringify({ userId })

/** Puts a pseudonym in the user's place in what Stripe told of these purchases, and of nobody's. */
const renameInFacts = async (tx: Tx, ids: string[], userId: string, pseudonym: string): Promise<void> => {
  const [user, nobody] = [naming(userId), naming(pseudonym)]
  await tx.$executeRaw`
    update purchases set facts = (
      select coalesce(jsonb_object_agg(key, case when value @> ${user}::jsonb then value || ${nobody}::jsonb else value end), '{}')
      from jsonb_each(facts))
    where id = any (${ids})`
  await tx.$executeRaw`
    update stripe_events set parsed = jsonb_set(parsed, '{snapshots}',
      (select coalesce(jsonb_agg(case when one @> ${user}::jsonb then one || ${nobody}::jsonb else one end), '[]')
        from jsonb_array_elements(parsed -> 'snapshots') as one))
    where (purchase_id = any (${ids}) and parsed ? 'snapshots') or (${straysNaming(userId)})`
}

/**
 * Begins an erasure: puts a pseudonym in the user's place wherever the user stands, in purchases with their facts, grants and the ledger. What
 * was bought, paid and refunded stays. Null, and nothing was done, where something is open.
 */
export const startErasure = (db: Db, userId: string, by: string): Promise<string | null> =>
  db.$transaction(
    async (tx) => {
      await lockUser(tx, userId)
      const { blockers: open, purchases } = await belongings(tx, userId)
      if (open.length > 0) return null
      const pseudonym = typeid('forgotten').toString()
      const ids = purchases.map(({ id }) => id)
      const grants = await tx.grant.findMany({ where: { userId, endedAt: null } })
      for (const { entityId } of grants) await notifyAccess(tx, userId, entityId)
      const nobody = naming(pseudonym)
      await tx.$executeRaw`
        update purchases set user_id = ${pseudonym}, updated_at = now(),
          checkout_request = (checkout_request - 'return_url') || jsonb_build_object('customer', ${pseudonym}::text,
            'metadata', (checkout_request -> 'metadata') || ${nobody}::jsonb,
            'payment_intent_data', jsonb_build_object('metadata', (checkout_request #> '{payment_intent_data,metadata}') || ${nobody}::jsonb))
        where user_id = ${userId}`
      await renameInFacts(tx, ids, userId, pseudonym)
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

const renameAgain = async (tx: Tx, pseudonym: string): Promise<void> => {
  await lockUser(tx, pseudonym)
  const { userId } = await tx.erasure.findUniqueOrThrow({ where: { pseudonym } })
  if (userId === null) return
  const rows = await tx.purchase.findMany({ where: { userId: pseudonym }, select: { id: true } })
  await renameInFacts(
    tx,
    rows.map(({ id }) => id),
    userId,
    pseudonym,
  )
}

/** What has come under the user's name since an erasure began is renamed as well. */
export const continueErasure = (db: Db, pseudonym: string): Promise<void> =>
  db.$transaction((tx) => renameAgain(tx, pseudonym), { timeout: 60_000 })

/** From here on nothing says who it was. */
export const finishErasure = (db: Db, pseudonym: string): Promise<void> =>
  db.$transaction(
    async (tx) => {
      await renameAgain(tx, pseudonym)
      await tx.customer.deleteMany({ where: { userId: pseudonym } })
      await tx.erasure.update({ where: { pseudonym }, data: { userId: null, finishedAt: new Date() } })
    },
    { timeout: 60_000 },
  )
