import { type Db, plannedQuery } from '../client.ts'
import { Prisma, type SalesEntryKind } from '../generated/client.ts'

/** A money movement for accountants. Amounts are in minor units of `currency`. Amounts that reduce the balance are negative. */
export interface TransactionRow {
  at: Date
  /** For a payout's transactions, this is Stripe's balance transaction type. */
  kind: SalesEntryKind | string
  subjectId: string
  purchaseId: string | null
  entityId: string | null
  entityTitle: string | null
  productId: string | null
  productName: string | null
  currency: string
  /** The gross, discount and tax are null for a payout's transactions, because a balance transaction does not contain them. */
  gross: number | null
  discount: number | null
  tax: number | null
  amount: number
  fee: number
  net: number
  promotionCode: string | null
  country: string | null
  invoiceNumber: string | null
}

export interface TransactionPage {
  rows: TransactionRow[]
  /** The position after which the next page starts; null on the last page. */
  next: { at: Date; id: string } | null
}

/**
 * The number of rows on a page. A page of a period may have a few more rows, because a page never separates entries of the same purchase
 * and time.
 */
const pageSize = 1_000

const details = Prisma.sql`
  entities.title AS "entityTitle", products.name AS "productName", purchases.invoice_number AS "invoiceNumber"`
const joins = Prisma.sql`
  LEFT JOIN purchases ON purchases.id = purchase_id LEFT JOIN entities ON entities.id = purchases.entity_id
  LEFT JOIN products ON products.id = purchases.product_id`

interface ReadRow extends TransactionRow {
  total: number
}

/**
 * Returns the money movements of a period in chronological order. If a purchase and its fee have the same time, the purchase comes first.
 * Entries that correct each other are added up, so entries that cancel each other out are omitted.
 */
export const readPeriodTransactions = async (
  db: Db,
  { from, to, after }: { from: Date; to: Date; after: { at: Date; id: string } | null },
): Promise<TransactionPage> => {
  const start = after ? Prisma.sql`(at, purchase_id) > (${after.at}, ${after.id})` : Prisma.sql`at >= ${from}`
  const rows = await plannedQuery<ReadRow>(
    db,
    Prisma.sql`
      WITH page AS (
        SELECT * FROM sales_entries WHERE ${start} AND at < ${to} ORDER BY at, purchase_id FETCH FIRST ${pageSize} ROWS WITH TIES
      ), lines AS (
        SELECT at, kind::text, subject_id, purchase_id, entity_id, product_id, currency, promotion_code, country, sum(subtotal) AS gross,
          sum(discount) AS discount, sum(tax) AS tax, sum(amount) AS amount, sum(fee) AS fee, sum(net) AS net
        FROM page
        GROUP BY at, kind, subject_id, purchase_id, entity_id, product_id, currency, promotion_code, country
      )
      SELECT lines.at, lines.kind, subject_id AS "subjectId", purchase_id AS "purchaseId", lines.entity_id AS "entityId",
        lines.product_id AS "productId", lines.currency, gross::float8 AS gross, lines.discount::float8 AS discount, lines.tax::float8 AS tax,
        (CASE WHEN lines.kind = 'purchase' THEN lines.amount WHEN lines.kind = 'fee' THEN -fee ELSE -lines.amount END)::float8 AS amount,
        fee::float8 AS fee, net::float8 AS net, lines.promotion_code AS "promotionCode", lines.country, ${details},
        (SELECT count(*) FROM page)::int AS total
      FROM lines ${joins}
      ORDER BY lines.at, purchase_id, array_position(ARRAY['purchase', 'refund', 'dispute', 'fee'], lines.kind), subject_id`,
  )
  const last = rows.at(-1)
  const hasMore = last !== undefined && last.total >= pageSize
  return {
    rows: rows.filter(({ gross, amount, fee, net }) => gross !== 0 || amount !== 0 || fee !== 0 || net !== 0),
    next: hasMore && last.purchaseId !== null ? { at: last.at, id: last.purchaseId } : null,
  }
}

/** Returns the balance transactions of a payout in chronological order. Transactions of other systems have no purchase. */
export const readPayoutTransactions = async (
  db: Db,
  { payoutId, after }: { payoutId: string; after: { at: Date; id: string } | null },
): Promise<TransactionPage> => {
  const start = after ? Prisma.sql`AND (money.created_at, money.id) > (${after.at}, ${after.id})` : Prisma.empty
  const rows = await plannedQuery<TransactionRow>(
    db,
    Prisma.sql`
      SELECT money.created_at AS at, money.type AS kind, money.id AS "subjectId", purchase_id AS "purchaseId", purchases.entity_id AS "entityId",
        purchases.product_id AS "productId", money.currency, NULL AS gross, NULL AS discount, NULL AS tax, money.amount::float8 AS amount,
        fee::float8 AS fee, net::float8 AS net, purchases.promotion_code AS "promotionCode", purchases.country, ${details}
      FROM balance_transactions AS money ${joins}
      WHERE payout_id = ${payoutId} AND source_id IS DISTINCT FROM ${payoutId} ${start}
      ORDER BY money.created_at, money.id LIMIT ${pageSize}`,
  )
  const last = rows.at(-1)
  return { rows, next: last && rows.length === pageSize ? { at: last.at, id: last.subjectId } : null }
}
