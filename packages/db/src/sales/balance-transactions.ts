import type { BalanceTransaction } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { advanceCursor } from '../cursors.ts'
import type { Prisma } from '../generated/client.ts'
import { blockImports } from '../import-purchases/import-lock.ts'
import { balanceCursor } from './stripe-cursors.ts'
import { updateSales } from './update-sales.ts'

type Tx = Prisma.TransactionClient

/** Stores balance transactions, which never change. If a payout is given, also records that the payout contains them. */
export const storeTransactions = async (db: Db, list: readonly BalanceTransaction[], payoutId: string | null): Promise<void> => {
  await db.$executeRaw`
    INSERT INTO balance_transactions AS stored (id, type, reporting_category, source_id, payment_intent_id, currency, amount, fee, net, exchange_rate,
      created_at, available_on, payout_id)
    SELECT id, type, "reportingCategory", "sourceId", "paymentIntentId", currency, amount, fee, net, "exchangeRate", to_timestamp("createdAt"),
      to_timestamp("availableOn"), ${payoutId}
    FROM jsonb_to_recordset(${JSON.stringify(list)}::jsonb) AS one (id text, type text, "reportingCategory" text, "sourceId" text,
      "paymentIntentId" text, currency text, amount bigint, fee bigint, net bigint, "exchangeRate" float8, "createdAt" bigint, "availableOn" bigint)
    ON CONFLICT (id) DO UPDATE SET payout_id = excluded.payout_id WHERE excluded.payout_id IS NOT NULL AND stored.payout_id IS DISTINCT FROM excluded.payout_id`
}

const batchSize = 100

/**
 * Returns the purchases with balance transactions since a given time that are not in the sales entries yet. A balance transaction may be
 * read before its payment is known. Balance transactions of other systems on the account have no purchase.
 */
const unmatchedPurchases = async (tx: Db | Tx, since: Date): Promise<string[]> => {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH unmatched AS (
      SELECT DISTINCT payment_intent_id AS payment FROM balance_transactions
      WHERE purchase_id IS NULL AND payment_intent_id IS NOT NULL AND created_at >= ${since}
    )
    SELECT purchases.id FROM unmatched JOIN purchases ON external_transaction_id = payment
    UNION
    SELECT id FROM purchases
    WHERE jsonb_array_length(payment_keys(facts)) > 1 AND payment_keys(facts) ?| ARRAY(SELECT 'payment:' || payment FROM unmatched)`
  return rows.map(({ id }) => id)
}

/** Adds the fees of balance transactions since a given time to the sales entries of their purchases. Returns the purchases' ids. */
export const matchTransactions = async (db: Db, since: Date): Promise<string[]> => {
  const ids = await unmatchedPurchases(db, since)
  for (let start = 0; start < ids.length; start += batchSize) await updateSales(db, ids.slice(start, start + batchSize))
  return ids
}

/**
 * Matches the stored balance transactions since a given time, and moves the cursor from `from` to `to`. Does not move the cursor and
 * returns false if an import is running, has just added purchases, or has moved the cursor to an older payment. In that case, the next run
 * reads from the cursor again.
 */
export const advanceBalanceCursor = async (
  db: Db,
  { from, to, since }: { from: Date; to: Date; since: Date },
): Promise<boolean> => {
  const matched = new Set(await matchTransactions(db, since))
  return db.$transaction(async (tx) => {
    if (!(await blockImports(tx))) return false
    const unmatched = await unmatchedPurchases(tx, since)
    return unmatched.every((id) => matched.has(id)) && advanceCursor(tx, balanceCursor, from, to)
  })
}
