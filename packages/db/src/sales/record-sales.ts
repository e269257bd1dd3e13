import {
  type Facts,
  factsOf,
  type Projection,
  type PurchaseTerms,
  type SalesLine,
  type SalesTransaction,
  salesDifference,
  salesLines,
} from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { rereadSales } from './stripe-cursors.ts'

type Tx = Prisma.TransactionClient

/** The purchase columns that are copied to sales entries. */
export interface SoldItem {
  id: string
  entityId: string
  productId: string
}

const entryRows = ({ id, entityId, productId }: SoldItem, lines: readonly SalesLine[]) =>
  lines.map(({ subjectId, promotionCode, ...line }) => ({
    ...{ purchase_id: id, entity_id: entityId, product_id: productId, subject_id: subjectId, promotion_code: promotionCode },
    ...line,
  }))

/** Returns the parameter for the SQL function `record_sales`. */
export const entriesParameter = (item: SoldItem, lines: readonly SalesLine[]): string => JSON.stringify(entryRows(item, lines))

/** Reads the sums of the recorded entries of each purchase. */
const readRecorded = (tx: Db | Tx, purchaseIds: readonly string[]): Promise<(SalesLine & { purchaseId: string })[]> =>
  // Summing bigint values gives a numeric, which the client returns as a string. A float8 is returned as a number and is exact up to 2^53.
  tx.$queryRaw`
    SELECT purchase_id AS "purchaseId", kind::text, subject_id AS "subjectId", extract(epoch FROM at)::float8 AS at, currency,
      promotion_code AS "promotionCode", country, sum(count)::float8 AS count, sum(subtotal)::float8 AS subtotal,
      sum(discount)::float8 AS discount, sum(tax)::float8 AS tax, sum(amount)::float8 AS amount, sum(fee)::float8 AS fee, sum(net)::float8 AS net
    FROM sales_entries WHERE purchase_id = ANY (${[...purchaseIds]})
    GROUP BY purchase_id, kind, subject_id, at, currency, promotion_code, country, entity_id, product_id`

const readTransactions = async (
  tx: Db | Tx,
  paymentIntentIds: readonly string[],
  { isRecorded }: { isRecorded: boolean },
): Promise<SalesTransaction[]> =>
  tx.$queryRaw`
    SELECT id, source_id AS "sourceId", payment_intent_id AS "paymentIntentId", currency, amount::float8 AS amount, fee::float8 AS fee,
      net::float8 AS net, extract(epoch FROM created_at)::float8 AS "createdAt"
    FROM balance_transactions
    WHERE payment_intent_id = ANY (${[...paymentIntentIds]}) AND source_id IS NOT NULL AND (purchase_id IS NOT NULL OR NOT ${isRecorded})`

export interface SalesState {
  facts: Facts
  terms: Pick<PurchaseTerms, 'allowedDiscount'>
  projection: Projection
}

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

const paymentsOf = ({ facts }: Pick<SalesState, 'facts'>): string[] => factsOf(facts, 'payment').map(({ id }) => id)

/**
 * Returns the missing lines of each purchase. A purchase has no missing lines if its recorded lines add up to the facts and balance
 * transactions. With `isRecorded`, only balance transactions that are already recorded count; the reconciler records all others in its next
 * run.
 */
export const missingSales = async (
  tx: Db | Tx,
  purchases: readonly (SalesState & { id: string })[],
  options: { isRecorded: boolean },
): Promise<Map<string, SalesLine[]>> => {
  const payments = purchases.flatMap(paymentsOf)
  const transactions = payments.length === 0 ? [] : await readTransactions(tx, payments, options)
  const recorded = await readRecorded(
    tx,
    purchases.map(({ id }) => id),
  )
  const recordedOf = groupBy(recorded, ({ purchaseId }) => purchaseId)
  const transactionsOf = groupBy(transactions, ({ paymentIntentId }) => paymentIntentId)
  return new Map(
    purchases.map(({ id, facts, terms, projection }) => {
      const own = paymentsOf({ facts }).flatMap((payment) => transactionsOf.get(payment) ?? [])
      return [id, salesDifference(recordedOf.get(id) ?? [], salesLines(facts, terms, projection, own))]
    }),
  )
}

const insertEntries = async (tx: Tx, entries: ReturnType<typeof entryRows>): Promise<void> => {
  if (entries.length > 0) await tx.$executeRaw`SELECT record_sales(${JSON.stringify(entries)}::jsonb)`
}

/** Assigns balance transactions to their purchases after their fees were added to the purchases' entries. */
const markRecorded = async (tx: Tx, missing: ReadonlyMap<string, SalesLine[]>): Promise<void> => {
  const owned = [...missing].flatMap(([purchase, lines]) =>
    lines.flatMap(({ kind, subjectId }) => (kind === 'fee' ? [{ purchase, transaction: subjectId }] : [])),
  )
  if (owned.length === 0) return
  await tx.$executeRaw`
    UPDATE balance_transactions SET purchase_id = owned.purchase
    FROM jsonb_to_recordset(${JSON.stringify(owned)}::jsonb) AS owned (purchase text, transaction text)
    WHERE id = owned.transaction AND purchase_id IS NULL`
}

/** Appends the missing entries of purchases. The caller holds the locks of the purchases' users. */
export const recordManySales = async (tx: Tx, purchases: readonly (SoldItem & SalesState)[]): Promise<void> => {
  const paid = purchases.filter(({ projection }) => projection.settlement !== null)
  if (paid.length === 0) return
  const missing = await missingSales(tx, paid, { isRecorded: false })
  await insertEntries(
    tx,
    paid.flatMap((item) => entryRows(item, missing.get(item.id) ?? [])),
  )
  await markRecorded(tx, missing)
}

/** Appends the missing entries of a purchase. The caller holds the user's lock. */
export const recordSales = (tx: Tx, { id, entityId, productId }: SoldItem, state: SalesState): Promise<void> =>
  recordManySales(tx, [{ id, entityId, productId, ...state }])

/**
 * Records the entries of newly imported purchases, and makes the reconciler read the balance transactions since the oldest of these
 * payments.
 */
export const recordImportedSales = async (
  tx: Tx,
  purchases: readonly (SoldItem & Omit<SalesState, 'terms'> & SalesState['terms'])[],
): Promise<void> => {
  const paid = purchases.filter(({ projection }) => projection.settlement !== null)
  if (paid.length === 0) return
  await recordManySales(
    tx,
    paid.map(({ allowedDiscount, ...purchase }) => ({ ...purchase, terms: { allowedDiscount } })),
  )
  const oldest = Math.min(...paid.map(({ projection }) => projection.paidAt ?? Number.POSITIVE_INFINITY))
  await rereadSales(tx, new Date(oldest * 1_000))
}
