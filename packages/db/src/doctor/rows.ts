import { type Projection, project } from '@pay-to-view/purchase'
import { live, opening } from '../access.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { quoteOf, storedFacts } from '../stored.ts'
import type { Finding } from './finding.ts'

const batch = 1_000

/** Milliseconds. */
const patience = 600_000

const include = {
  grant: true,
  refunds: true,
  entity: { select: { id: true, channelId: true } },
} satisfies Prisma.PurchaseInclude

type Row = Prisma.PurchaseGetPayload<{ include: typeof include }>

const seconds = (date: Date | null): number | null => (date === null ? null : date.getTime() / 1000)

/** Every column that follows from the facts, as it is and as it should be. */
const columns = (row: Row, projection: Projection): [name: string, is: unknown, should: unknown][] => [
  ['status', row.status, projection.status],
  ['externalTransactionId', row.externalTransactionId, projection.payment?.id ?? null],
  ['processing', row.processing, projection.processing],
  ['mismatch', row.mismatch, projection.mismatch],
  ['amountPaid', row.amountPaid, projection.amountPaid],
  ['currencyPaid', row.currencyPaid, projection.payment?.currency ?? null],
  ['amountRefunded', row.amountRefunded, projection.amountRefunded],
  ['completedAt', seconds(row.completedAt), projection.paidAt],
  ['expiresAt', seconds(row.expiresAt), projection.expiresAt],
  ['refundedAt', seconds(row.refundedAt), projection.refundedAt],
  ['open', row.open && projection.status !== 'Pending', false],
]

const checkRow = async (db: Db, row: Row, now: Date): Promise<Finding[]> => {
  const { id, grant, userId } = row
  const facts = storedFacts.parse(row.facts)
  const projection = project(facts, quoteOf(row))
  const found: Finding[] = columns(row, projection)
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => ({
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
    const [others, refunding, told] = await Promise.all([
      db.grant.count({ where: { userId, entityId: { in: opening(row.entity) }, purchaseId: { not: id }, ...live(aWhileAgo) } }),
      db.refundRequest.count({ where: { purchaseId: id } }),
      db.alert.count({ where: { purchaseId: id } }),
    ])
    if (others === 0 || (refunding === 0 && told === 0)) {
      found.push({
        level: 'broken',
        rule: 'no_payment_without_access',
        id,
        detail: `paid ${projection.amountPaid} ${row.currency}`,
      })
    }
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
