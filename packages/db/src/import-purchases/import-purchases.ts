import type { AccessTerms, Status } from '@pay-to-view/purchase'
import { lockUsers } from '../access.ts'
import { recordAudit } from '../audit.ts'
import { lockEntities } from '../catalog/lock-entities.ts'
import type { Db } from '../client.ts'
import { addToCancellations } from '../entity-jobs/add-to-cancellations.ts'
import type { Prisma } from '../generated/client.ts'
import { periodOf, readRental } from '../grants/grant-times.ts'
import { readSnapshots } from '../json-columns.ts'
import { recordImportedSales } from '../sales/record-sales.ts'
import { lockImport } from './import-lock.ts'
import { type ImportedPurchase, type ProjectedPurchase, projectImported } from './imported-purchase.ts'
import {
  alertRows,
  type CatalogOf,
  coveringPurchases,
  grantRow,
  type PaidPeriod,
  paidTwiceAlert,
  purchaseRow,
  refundRows,
} from './imported-rows.ts'

type Tx = Prisma.TransactionClient

export interface PurchaseImportOptions {
  /** The actor named in the audit log and in the timelines. */
  actor: string
  /** The access terms that the operator has specified for products, by product id. They take precedence over the catalog's terms. */
  termsOf: ReadonlyMap<string, AccessTerms>
}

export type PurchaseImportResult =
  | { id: string; result: 'imported'; status: Status; mismatch: string | null; coveredBy: string[]; isCanceled: boolean }
  | { id: string; result: 'exists' }
  | { id: string; result: 'failed'; message: string }

const pairOf = ({ userId, entityId }: { userId: string; entityId: string }): string => JSON.stringify([userId, entityId])

/**
 * Reads the purchases' products and entities. The entities are locked, so either a concurrent cancellation finds the purchases, or this
 * import finds the cancellation.
 */
const readCatalog = async (tx: Tx, purchases: readonly ImportedPurchase[]) => {
  await lockEntities(
    tx,
    purchases.map(({ entityId }) => entityId),
  )
  const products = await tx.product.findMany({ where: { id: { in: purchases.map(({ productId }) => productId) } } })
  const entities = await tx.entity.findMany({
    where: { id: { in: purchases.map(({ entityId }) => entityId) } },
    select: { id: true, type: true, title: true, availableFrom: true },
  })
  return {
    products: new Map(products.map((product) => [product.id, product])),
    entities: new Map(entities.map((entity) => [entity.id, entity])),
  }
}

/** For each user, reads the entities with an open purchase and the periods of purchased access. */
const readUsers = async (tx: Tx, purchases: readonly ImportedPurchase[]) => {
  const userId = { in: [...new Set(purchases.map((purchase) => purchase.userId))] }
  const open = await tx.purchase.findMany({ where: { userId, open: true }, select: { userId: true, entityId: true } })
  const grants = await tx.grant.findMany({
    where: { userId, source: 'purchase', revokedAt: null },
    include: { entity: { select: { availableFrom: true } } },
  })
  const periods = new Map<string, PaidPeriod[]>()
  for (const { entity, ...grant } of grants) {
    addPeriod(periods, pairOf(grant), { purchaseId: grant.purchaseId ?? '', ...periodOf(grant, entity.availableFrom) })
  }
  return { open: new Set(open.map(pairOf)), periods }
}

const addPeriod = (periods: Map<string, PaidPeriod[]>, pair: string, period: PaidPeriod): void => {
  periods.set(pair, [...(periods.get(pair) ?? []), period])
}

interface Rows {
  purchases: Prisma.PurchaseCreateManyInput[]
  grants: Prisma.GrantCreateManyInput[]
  refunds: Prisma.RefundCreateManyInput[]
  changes: Prisma.ChangeCreateManyInput[]
  alerts: Prisma.AlertCreateManyInput[]
  customers: Prisma.CustomerCreateManyInput[]
  projected: ProjectedPurchase[]
}

const writeRows = async (tx: Tx, rows: Rows): Promise<void> => {
  await tx.purchase.createMany({ data: rows.purchases })
  await tx.grant.createMany({ data: rows.grants })
  await tx.refund.createMany({ data: rows.refunds })
  await tx.change.createMany({ data: rows.changes })
  await tx.alert.createMany({ data: rows.alerts, skipDuplicates: true })
  await tx.customer.createMany({ data: rows.customers, skipDuplicates: true })
  await recordImportedSales(tx, rows.projected)
  const pairs = JSON.stringify(rows.grants.map(({ userId, entityId }) => ({ userId, entityId })))
  await tx.$executeRaw`
    SELECT notify_access("userId", "entityId")
    FROM (SELECT DISTINCT * FROM jsonb_to_recordset(${pairs}::jsonb) AS pair ("userId" text, "entityId" text)) AS pairs`
  // Releases orphan events whose purchase now exists, so the reconciler dispatches them.
  await tx.$executeRaw`
    UPDATE stripe_events SET outcome = 'received'
    WHERE purchase_id = ANY (${rows.purchases.map(({ id }) => id)}) AND outcome = 'orphan' AND parsed <> '{}'`
}

/** Builds the rows of one purchase and returns the result for it. */
const addRows = (
  rows: Rows,
  purchase: ProjectedPurchase,
  catalog: CatalogOf,
  { users, actor, now }: { users: Awaited<ReturnType<typeof readUsers>>; actor: string; now: Date },
): PurchaseImportResult => {
  const { id, userId, stripeCustomerId, projection } = purchase
  const pair = pairOf(purchase)
  // A user can have only one open purchase of an entity.
  const open = purchase.isSessionOpen && !users.open.has(pair)
  const row = purchaseRow(purchase, catalog, open, now)
  if (row.open) users.open.add(pair)
  rows.purchases.push(row)
  rows.projected.push(purchase)
  rows.refunds.push(...refundRows(purchase))
  rows.alerts.push(...alertRows(purchase))
  if (stripeCustomerId !== null) rows.customers.push({ userId, stripeCustomerId })
  const granted = grantRow(purchase, catalog, now)
  const coveredBy = granted ? coveringPurchases(purchase, granted.period, users.periods.get(pair) ?? [], now) : []
  if (coveredBy.length > 0) rows.alerts.push(paidTwiceAlert(id, coveredBy))
  if (granted) {
    rows.grants.push(granted.row)
    if (projection.entitled) addPeriod(users.periods, pair, { purchaseId: id, ...granted.period })
  }
  if (projection.status !== 'Pending') {
    const note = projection.entitled ? 'access granted' : null
    const cause = { kind: 'import', by: actor }
    rows.changes.push({ purchaseId: id, fromStatus: 'Pending', toStatus: projection.status, cause, note })
  }
  return { id, result: 'imported', status: projection.status, mismatch: projection.mismatch, coveredBy, isCanceled: false }
}

/**
 * Inserts missing purchases with the facts from Stripe and the resulting access, up to 200 in one transaction under their users' locks.
 * Existing purchases are not changed, so an import can be stopped and run again. An import requests no refunds: a duplicate payment keeps
 * its access, and an alert is raised. Purchases of a canceled entity are added to its cancellation. Endpoints get no messages about past
 * sales.
 */
export const importPurchases = (
  db: Db,
  purchases: readonly ImportedPurchase[],
  { actor, termsOf }: PurchaseImportOptions,
): Promise<PurchaseImportResult[]> =>
  db.$transaction(
    async (tx) => {
      await lockImport(tx)
      await lockUsers(tx, [...new Set(purchases.map(({ userId }) => userId))])
      const found = await tx.purchase.findMany({
        where: { id: { in: purchases.map(({ id }) => id) } },
        select: { id: true },
      })
      const existing = new Set(found.map(({ id }) => id))
      const { products, entities } = await readCatalog(tx, purchases)
      const users = await readUsers(tx, purchases)
      const now = new Date()
      const rows: Rows = { purchases: [], grants: [], refunds: [], changes: [], alerts: [], customers: [], projected: [] }
      const results = purchases.map((purchase): PurchaseImportResult => {
        const { id, productId, entityId } = purchase
        if (existing.has(id)) return { id, result: 'exists' }
        const [product, entity] = [products.get(productId), entities.get(entityId)]
        if (!product) return { id, result: 'failed', message: `the product ${productId} does not exist` }
        if (!entity) return { id, result: 'failed', message: `the entity ${entityId} does not exist` }
        const { unreadable } = readSnapshots(purchase.snapshots)
        if (unreadable.length > 0) return { id, result: 'failed', message: `Stripe's ${unreadable.join(', ')} cannot be read` }
        const terms = termsOf.get(productId) ?? { accessDurationDays: product.accessDurationDays, rental: readRental(product) }
        return addRows(rows, projectImported(purchase, terms), { product, entity }, { users, actor, now })
      })
      if (rows.purchases.length === 0) return results
      await writeRows(tx, rows)
      const canceled = new Set(await addToCancellations(tx, rows.projected))
      const after = { count: rows.purchases.length, purchaseIds: rows.purchases.map(({ id }) => id) }
      await recordAudit(tx, { actor, action: 'purchases.imported', subjectId: rows.purchases[0]?.id ?? '', before: null, after })
      return results.map((item) => (item.result === 'imported' ? { ...item, isCanceled: canceled.has(item.id) } : item))
    },
    { timeout: 60_000, maxWait: 10_000 },
  )
