import { factsOf, isOpenDispute } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { periodOf } from '../grants/grant-times.ts'
import { readStoredFacts } from '../json-columns.ts'
import { countOtherMentions, findMentions } from './mentions.ts'
import type { UserNames } from './pseudonymizer.ts'

type Tx = Prisma.TransactionClient

/** The ids of a purchase's Stripe objects. */
export interface PurchaseObjects {
  id: string
  /** The ids of checkout sessions, including unpaid and manually created sessions. */
  sessions: string[]
  payments: string[]
  /** The refund request ids, keyed by refund id. */
  refundRequestIds: Record<string, string>
}

/** The data stored about a user, and the reasons that prevent the erasure. */
export interface UserDataInventory {
  stripeCustomerId: string | null
  purchases: PurchaseObjects[]
  /** The ids of other users' purchases that name the user. */
  mentionedIn: string[]
  /** The number of rows that name the user and are not part of a purchase. */
  otherMentions: number
  /** The reasons why the user cannot be erased yet. The user must stay identifiable while money may still move. */
  blockers: string[]
  /** Descriptions of the access that the user would lose. */
  access: string[]
}

const pendingRequests = { where: { respondedAt: null }, select: { requestId: true } }

const columns = {
  id: true,
  sessionId: true,
  status: true,
  externalTransactionId: true,
  facts: true,
  refundRequests: pendingRequests,
  refunds: { select: { id: true, status: true, requestId: true } },
} satisfies Prisma.PurchaseSelect

type Row = Prisma.PurchaseGetPayload<{ select: typeof columns }>

const pendingRequestsOf = ({ id, refundRequests }: Pick<Row, 'id' | 'refundRequests'>): string[] =>
  refundRequests.map(({ requestId }) => `${id} is waiting for the refund request ${requestId}`)

/**
 * Returns the purchase's open disputes and inquiries. They are read from the facts, because the purchase's status shows neither a dispute
 * of a refunded payment nor a bank inquiry.
 */
const openDisputesOf = ({ id, facts }: Row): string[] =>
  factsOf(readStoredFacts(id, facts), 'dispute')
    .filter((dispute) => isOpenDispute(dispute) || ['warning_needs_response', 'warning_under_review'].includes(dispute.status))
    .map((dispute) => `${id} is waiting for the outcome of ${dispute.id}`)

const blockersOf = (row: Row): string[] => {
  const { id, status, refundRequests, refunds } = row
  return [
    ...(status === 'Pending' || status === 'Disputed' ? [`${id} is ${status}`] : openDisputesOf(row)),
    ...pendingRequestsOf({ id, refundRequests }),
    ...refunds
      .filter((refund) => refund.status === 'pending' || refund.status === 'requires_action')
      .map((refund) => `${id} is waiting for the bank to complete ${refund.id}`),
  ]
}

const distinct = (ids: (string | null)[]): string[] => [...new Set(ids)].filter((id) => id !== null)

const stripeObjectsOf = ({ id, sessionId, externalTransactionId, facts, refunds }: Row): PurchaseObjects => {
  const stored = readStoredFacts(id, facts)
  const sessions = factsOf(stored, 'session')
  const payments = [
    ...sessions.map(({ paymentIntentId }) => paymentIntentId),
    ...factsOf(stored, 'payment').map((payment) => payment.id),
  ]
  return {
    id,
    sessions: distinct([sessionId, ...sessions.map((session) => session.id)]),
    payments: distinct([externalTransactionId, ...payments]),
    refundRequestIds: Object.fromEntries(refunds.flatMap((refund) => (refund.requestId ? [[refund.id, refund.requestId]] : []))),
  }
}

/**
 * Returns the user's grants that are neither revoked nor expired. `id` is the purchase's id, or the grant's own id if the grant has no
 * purchase.
 */
const readUnexpiredGrants = async (tx: Tx, userId: string) => {
  const rows = await tx.grant.findMany({
    where: { userId, revokedAt: null },
    orderBy: { id: 'asc' },
    include: { entity: { select: { availableFrom: true } } },
  })
  const now = new Date()
  return rows
    .map(({ entity, ...row }) => ({
      id: row.purchaseId ?? row.id,
      entityId: row.entityId,
      expiresAt: periodOf(row, entity.availableFrom).expiresAt,
    }))
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
}

export const readInventory = async (tx: Tx, user: UserNames): Promise<UserDataInventory> => {
  const { userId } = user
  const customer = await tx.customer.findUnique({ where: { userId } })
  const rows = await tx.purchase.findMany({ where: { userId }, orderBy: { id: 'asc' }, select: columns })
  const grants = await readUnexpiredGrants(tx, userId)
  const unapplied = await tx.stripeEvent.findMany({
    where: { purchaseId: { in: rows.map(({ id }) => id) }, appliedAt: null, outcome: { in: ['received', 'matched'] } },
    orderBy: { id: 'asc' },
  })
  const mentionedIn = await findMentions(tx, user)
  const mentioned = await tx.purchase.findMany({
    where: { id: { in: mentionedIn } },
    orderBy: { id: 'asc' },
    select: { id: true, refundRequests: pendingRequests },
  })
  return {
    stripeCustomerId: customer?.stripeCustomerId ?? null,
    purchases: rows.map(stripeObjectsOf),
    mentionedIn,
    otherMentions: await countOtherMentions(tx, user),
    blockers: [
      ...rows.flatMap(blockersOf),
      ...unapplied.map(({ id, purchaseId }) => `event ${id} has not been applied to ${purchaseId}`),
      ...mentioned.flatMap(pendingRequestsOf),
    ],
    access: grants.map(({ id, entityId, expiresAt }) =>
      expiresAt
        ? `${id} gives access to ${entityId} until ${expiresAt.toISOString()}`
        : `${id} gives permanent access to ${entityId}`,
    ),
  }
}

export const readUserDataInventory = (db: Db, user: UserNames): Promise<UserDataInventory> =>
  db.$transaction((tx) => readInventory(tx, user), { timeout: 600_000 })

/** Returns the given names that are ids of users with purchases. */
export const findUserIds = async (db: Db, names: readonly string[]): Promise<string[]> => {
  const rows = await db.purchase.findMany({
    where: { userId: { in: [...names] } },
    distinct: ['userId'],
    select: { userId: true },
  })
  return rows.map(({ userId }) => userId)
}

export const readStripeObjects = async (db: Db, where: Prisma.PurchaseWhereInput): Promise<PurchaseObjects[]> =>
  (await db.purchase.findMany({ where, orderBy: { id: 'asc' }, select: columns })).map(stripeObjectsOf)
