import {
  type Facts,
  factsOf,
  isLostDispute,
  type PaymentSnapshot,
  type Projection,
  project,
  refundableAmount,
} from '@pay-to-view/purchase'
import { activeGrants, grantingEntityIds } from '../access.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { projectionDiff } from '../projection-columns.ts'
import { quoteOf, SYSTEM_ACTOR, storedFacts } from '../json-columns.ts'
import type { Finding } from './finding.ts'

const batch = 1_000

/** Milliseconds. */
const patience = 600_000

const include = {
  grant: true,
  refunds: true,
  refundRequests: true,
  alerts: true,
  entity: { select: { id: true, channelId: true } },
} satisfies Prisma.PurchaseInclude

type Row = Prisma.PurchaseGetPayload<{ include: typeof include }>

const seconds = (date: Date | null): number | null => (date === null ? null : date.getTime() / 1000)

/** Whether an alert is about this payment: it names it, or a refund of it, or a request for one. */
const isAbout = (payment: string, { refunds, refundRequests }: Row) => {
  const named = new Set([
    payment,
    ...refunds.filter((refund) => refund.paymentIntentId === payment).map(({ id }) => id),
    ...refundRequests.filter((request) => request.paymentIntentId === payment).map(({ requestId }) => requestId),
  ])
  return ({ detail }: Row['alerts'][number]): boolean =>
    Object.values(Object(detail)).some((value) => typeof value === 'string' && named.has(value))
}

/** Money that Stripe took for this purchase and still has, and that gives nothing. */
const leftAside = (facts: Facts, { payment: counts, mismatch }: Projection): PaymentSnapshot[] =>
  factsOf(facts, 'payment').filter(
    (payment) =>
      payment.status === 'paid' &&
      (payment.id !== counts?.id || mismatch !== null) &&
      refundableAmount(facts, payment) > 0 &&
      !factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === payment.id && isLostDispute(dispute)),
  )

/** Whether a payment is on its way back. */
const isGivenBack = (payment: string, { refundRequests }: Row): boolean =>
  refundRequests.some((request) => request.paymentIntentId === payment && request.respondedAt === null)

/** Whether a payment was taken for a second one, and its return ordered or left to the operator. */
const isKnownSecond = (payment: string | null, { refundRequests, alerts }: Row): boolean =>
  refundRequests.some((request) => request.paymentIntentId === payment && request.requestedBy === SYSTEM_ACTOR) ||
  alerts.some(({ kind }) => kind === 'restored_but_covered')

const checkRow = async (db: Db, row: Row, now: Date): Promise<Finding[]> => {
  const { id, grant, userId } = row
  const facts = storedFacts.parse(row.facts)
  const projection = project(facts, quoteOf(row))
  const found: Finding[] = projectionDiff(row, projection).map(({ name, is, should }) => ({
    level: 'broken',
    rule: 'row_follows_from_facts',
    id,
    detail: `${name} is ${is}, the facts say ${should}`,
  }))
  for (const refund of row.refunds) {
    const fact = facts[`refund:${refund.id}`]
    if (fact?.kind === 'refund' && fact.status === refund.status && fact.amount === refund.amount) continue
    found.push({
      level: 'broken',
      rule: 'refunds_follow_from_facts',
      id,
      detail: `${refund.id} is ${refund.status} of ${refund.amount}`,
    })
  }
  if (grant && grant.endedAt === null && !projection.entitled) {
    found.push({
      level: 'broken',
      rule: 'no_access_without_payment',
      id,
      detail: `access is live and the status ${projection.status}`,
    })
  }
  if (grant && projection.entitled && grant.endedAt === null && seconds(grant.expiresAt) !== projection.expiresAt) {
    found.push({ level: 'broken', rule: 'access_ends_in_time', id, detail: `access ends at ${grant.expiresAt?.toISOString()}` })
  }
  const lasts = projection.expiresAt === null || projection.expiresAt * 1000 > now.getTime()
  if (projection.entitled && lasts && (grant === null || grant.endedAt !== null)) {
    // What covered it and has just ended in time: the reconciler gives access soon.
    const aWhileAgo = new Date(now.getTime() - patience)
    const payment = row.externalTransactionId
    const covered = await db.grant.count({
      where: { userId, entityId: { in: grantingEntityIds(row.entity) }, purchaseId: { not: id }, ...activeGrants(aWhileAgo) },
    })
    const isExplained = payment !== null && (isGivenBack(payment, row) || (covered > 0 && isKnownSecond(payment, row)))
    if (!isExplained) {
      found.push({
        level: 'broken',
        rule: 'no_payment_without_access',
        id,
        detail: `paid ${projection.amountPaid} ${row.currency}`,
      })
    }
  }
  for (const { id: payment, amount, currency } of leftAside(facts, projection)) {
    const about = isAbout(payment, row)
    if (isGivenBack(payment, row) || row.alerts.some(about)) continue
    found.push({
      level: 'broken',
      rule: 'no_payment_left_aside',
      id,
      detail: `${payment} of ${amount} ${currency} gives nothing, and no alert has told of it`,
    })
  }
  return found
}

/** Compares every purchase with what follows from its facts, in the order of their ids. */
export async function* checkPurchases(db: Db, now: Date): AsyncGenerator<{ looked: number; found: Finding[] }> {
  let after = ''
  for (;;) {
    const rows = await db.purchase.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: batch, include })
    const last = rows.at(-1)
    if (!last) return
    const found: Finding[] = []
    for (const row of rows) found.push(...(await checkRow(db, row, now)))
    yield { looked: rows.length, found }
    after = last.id
  }
}
