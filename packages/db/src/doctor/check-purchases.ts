import {
  type Facts,
  factsOf,
  isLostDispute,
  type PaymentSnapshot,
  type Projection,
  project,
  refundableAmount,
  SYSTEM_ACTOR,
} from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { readAccessPeriods } from '../grants/access-periods.ts'
import { expiryFrom, isCoveredByOthers } from '../grants/purchase-access.ts'
import { purchaseTerms, storedFacts } from '../json-columns.ts'
import { projectionDiff, toDate } from '../projection-columns.ts'
import { missingSales } from '../sales/record-sales.ts'
import type { DoctorRule, Finding } from './finding.ts'

const batchSize = 1_000

/** The time that the reconciler may take to grant access after a covering grant has expired. */
const reconcilerDelayMs = 600_000

const include = {
  grant: true,
  refunds: true,
  refundRequests: true,
  alerts: true,
  entity: { select: { availableFrom: true } },
} satisfies Prisma.PurchaseInclude

type Row = Prisma.PurchaseGetPayload<{ include: typeof include }>

/** Returns a predicate that is true if an alert is about this payment, one of its refunds, or a request to refund it. */
const concerns = (paymentIntentId: string, { refunds, refundRequests }: Row) => {
  const ids = new Set([
    paymentIntentId,
    ...refunds.filter((refund) => refund.paymentIntentId === paymentIntentId).map(({ id }) => id),
    ...refundRequests.filter((request) => request.paymentIntentId === paymentIntentId).map(({ requestId }) => requestId),
  ])
  return ({ detail }: Row['alerts'][number]): boolean =>
    Object.values(Object(detail)).some((value) => typeof value === 'string' && ids.has(value))
}

/** Returns a purchase's payments that give no access and are not fully refunded. */
const unusedPayments = (facts: Facts, { payment: counting, mismatch }: Projection): PaymentSnapshot[] =>
  factsOf(facts, 'payment').filter(
    (payment) =>
      payment.status === 'paid' &&
      (payment.id !== counting?.id || mismatch !== null) &&
      refundableAmount(facts, payment) > 0 &&
      !factsOf(facts, 'dispute').some((dispute) => dispute.paymentIntentId === payment.id && isLostDispute(dispute)),
  )

/** Returns the requests to refund a payment or to take back a free order. */
const requestsFor = (settlementId: string, { refundRequests }: Row): Row['refundRequests'] =>
  refundRequests.filter(({ paymentIntentId, freeOrderId }) => (paymentIntentId ?? freeOrderId) === settlementId)

const hasPendingRefund = (settlementId: string, row: Row): boolean =>
  requestsFor(settlementId, row).some((request) => request.respondedAt === null)

/** Whether a payment or free order is a known duplicate, which means that pay-to-view itself has requested the refund. */
const isKnownDuplicate = (settlementId: string, row: Row): boolean =>
  requestsFor(settlementId, row).some((request) => request.requestedBy === SYSTEM_ACTOR)

/** A violated rule and a description of the violation. */
type Broken = [rule: DoctorRule, detail: string]

const compareColumns = (row: Row, facts: Facts, projection: Projection): Broken[] => [
  ...projectionDiff(row, projection).map(
    ({ name, actual, expected }): Broken => ['row_follows_from_facts', `${name} is ${actual}, but the facts say ${expected}`],
  ),
  ...row.refunds.flatMap(({ id, status, amount }): Broken[] => {
    const fact = facts[`refund:${id}`]
    const isEqual = fact?.kind === 'refund' && fact.status === status && fact.amount === amount
    return isEqual ? [] : [['refunds_follow_from_facts', `the row of ${id} has status ${status} and amount ${amount}`]]
  }),
]

/** Compares a grant with the facts. A renewal's start and an extension are not compared, because they do not follow from the facts. */
const compareGrant = ({ grant, isRenewal }: Row, { entitled, status, startsAt }: Projection): Broken[] => {
  if (grant === null || grant.revokedAt !== null) return []
  if (!entitled) return [['no_access_without_payment', `the grant is not revoked, but the status is ${status}`]]
  // If Stripe's clock was ahead when access was granted, the grant starts before the payment time in the facts.
  if (isRenewal || (startsAt !== null && grant.startsAt.getTime() <= startsAt * 1000)) return []
  return [['grant_start_follows_from_facts', `the grant starts at ${grant.startsAt.toISOString()}`]]
}

const findMissingGrant = async (db: Db, row: Row, projection: Projection, now: Date): Promise<Broken[]> => {
  const { grant } = row
  if (!projection.entitled || (grant !== null && grant.revokedAt === null)) return []
  const purchase = { ...row, ...purchaseTerms(row) }
  const expiresAt = expiryFrom(purchase, toDate(projection.startsAt) ?? now, now)
  if (expiresAt !== null && expiresAt <= now) return []
  const settlementId = projection.settlement?.id ?? null
  const before = new Date(now.getTime() - reconcilerDelayMs)
  const isExplained =
    settlementId !== null &&
    (hasPendingRefund(settlementId, row) ||
      (row.withdrawnAt !== null && row.alerts.some(concerns(settlementId, row))) ||
      (isKnownDuplicate(settlementId, row) && isCoveredByOthers(purchase, await readAccessPeriods(db, row, before), before)))
  return isExplained ? [] : [['no_payment_without_access', `paid ${projection.amountPaid} ${row.currency}`]]
}

const findUnusedPayments = (row: Row, facts: Facts, projection: Projection): Broken[] =>
  unusedPayments(facts, projection)
    .filter(({ id }) => !hasPendingRefund(id, row) && !row.alerts.some(concerns(id, row)))
    .map(({ id, amount, currency }) => [
      'no_unused_payment',
      `${id} of ${amount} ${currency} gives no access, and no alert names it`,
    ])

const checkPurchase = async (db: Db, row: Row, now: Date): Promise<Finding[]> => {
  const { data: facts } = storedFacts.safeParse(row.facts)
  if (!facts) return [{ level: 'broken', rule: 'facts_are_readable', id: row.id, detail: 'the facts do not match their schema' }]
  const projection = project(facts, purchaseTerms(row))
  const broken = [
    ...compareColumns(row, facts, projection),
    ...compareGrant(row, projection),
    ...(await findMissingGrant(db, row, projection, now)),
    ...findUnusedPayments(row, facts, projection),
  ]
  return broken.map(([rule, detail]) => ({ level: 'broken', rule, id: row.id, detail }))
}

type SalesRow = Pick<Row, 'id' | 'facts'> & Parameters<typeof purchaseTerms>[0]

const missingSalesOf = (db: Db | Prisma.TransactionClient, rows: readonly SalesRow[]) =>
  missingSales(
    db,
    rows.flatMap((row) => {
      const { data: facts } = storedFacts.safeParse(row.facts)
      const terms = purchaseTerms(row)
      return facts ? [{ id: row.id, facts, terms, projection: project(facts, terms) }] : []
    }),
    { isRecorded: true },
  )

/**
 * Finds purchases whose sales entries do not add up to the amounts in the facts. A purchase may have changed since it was read, so each
 * suspect purchase is read and compared again.
 */
const findMissingSales = async (db: Db, rows: readonly Row[]): Promise<Finding[]> => {
  const findings: Finding[] = []
  for (const [id, missing] of await missingSalesOf(db, rows)) {
    if (missing.length === 0) continue
    const lines = await db.$transaction(
      async (tx) => (await missingSalesOf(tx, await tx.purchase.findMany({ where: { id } }))).get(id) ?? [],
      { isolationLevel: 'RepeatableRead' },
    )
    for (const { kind, subjectId, amount, currency } of lines) {
      const detail = `its sales entries lack ${amount} ${currency} of the ${kind} ${subjectId}`
      findings.push({ level: 'broken', rule: 'sales_follow_from_facts', id, detail })
    }
  }
  return findings
}

/** Compares every purchase with its facts, in batches ordered by id. */
export async function* checkPurchases(db: Db, now: Date): AsyncGenerator<{ checked: number; findings: Finding[] }> {
  let after = ''
  for (;;) {
    const rows = await db.purchase.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: batchSize, include })
    const last = rows.at(-1)
    if (!last) return
    const findings: Finding[] = []
    for (const row of rows) findings.push(...(await checkPurchase(db, row, now)))
    findings.push(...(await findMissingSales(db, rows)))
    yield { checked: rows.length, findings }
    after = last.id
  }
}
