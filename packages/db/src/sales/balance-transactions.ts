import type { BalanceTransaction } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { updateSales } from './update-sales.ts'

/** Stores balance transactions, which never change. If a payout is given, also records that it contains them. */
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
 * Adds the fees of balance transactions since a given time to the sales entries of their purchases, as far as these are known. A payment
 * may become known only after its balance transaction. Balance transactions of other systems on the account are left without a purchase.
 */
export const matchTransactions = async (db: Db, since: Date): Promise<void> => {
  const rows = await db.$queryRaw<{ id: string }[]>`
    WITH unmatched AS (
      SELECT DISTINCT payment_intent_id AS payment FROM balance_transactions
      WHERE purchase_id IS NULL AND payment_intent_id IS NOT NULL AND created_at >= ${since}
    )
    SELECT purchases.id FROM unmatched JOIN purchases ON external_transaction_id = payment
    UNION
    SELECT id FROM purchases
    WHERE jsonb_array_length(payment_keys(facts)) > 1 AND payment_keys(facts) ?| ARRAY(SELECT 'payment:' || payment FROM unmatched)`
  for (let start = 0; start < rows.length; start += batchSize)
    await updateSales(
      db,
      rows.slice(start, start + batchSize).map(({ id }) => id),
    )
}

/** The time of the oldest payment; null if there is none. */
export const oldestPayment = async (db: Db): Promise<Date | null> => {
  const [row] = await db.$queryRaw<{ at: Date | null }[]>`SELECT min(completed_at) AS at FROM purchases`
  return row?.at ?? null
}
