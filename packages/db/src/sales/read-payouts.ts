import type { Db } from '../client.ts'

/** A payout and its contents. Amounts are in minor units of the payout's currency. */
export interface PayoutRow {
  id: string
  amount: number
  currency: string
  status: string
  automatic: boolean
  createdAt: Date
  arrivalDate: Date
  /** Whether all balance transactions of the payout have been read. */
  isRead: boolean
  purchases: number
  purchaseAmount: number
  refunds: number
  refundAmount: number
  disputes: number
  disputeAmount: number
  fees: number
  /** The net sum of the balance transactions for purchases of this system. */
  net: number
  /** The net sum of all other balance transactions, such as other systems' payments and Stripe's own fees. */
  other: number
}

/** Returns payouts, newest first. The figures distinguish balance transactions by type; "payment_refund" counts as a refund. */
export const readPayoutList = (
  db: Db,
  { before, limit, id }: { before?: { createdAt: Date; id: string } | null; limit: number; id?: string },
): Promise<PayoutRow[]> => db.$queryRaw`
  SELECT payout.id, payout.amount::float8 AS amount, payout.currency, payout.status, automatic, payout.created_at AS "createdAt",
    arrival_date AS "arrivalDate", read_at IS NOT NULL AS "isRead",
    count(*) FILTER (WHERE ours AND kind = 'purchase')::int AS purchases,
    coalesce(sum(part.amount) FILTER (WHERE ours AND kind = 'purchase'), 0)::float8 AS "purchaseAmount",
    count(*) FILTER (WHERE ours AND kind = 'refund' AND part.amount < 0)::int AS refunds,
    coalesce(-sum(part.amount) FILTER (WHERE ours AND kind = 'refund'), 0)::float8 AS "refundAmount",
    count(*) FILTER (WHERE ours AND kind = 'dispute' AND part.amount < 0)::int AS disputes,
    coalesce(-sum(part.amount) FILTER (WHERE ours AND kind = 'dispute'), 0)::float8 AS "disputeAmount",
    coalesce(sum(part.fee) FILTER (WHERE ours), 0)::float8 AS fees,
    coalesce(sum(part.net) FILTER (WHERE ours), 0)::float8 AS net,
    coalesce(sum(part.net) FILTER (WHERE NOT ours), 0)::float8 AS other
  FROM (
    SELECT * FROM payouts
    WHERE (${id ?? null}::text IS NULL OR id = ${id ?? null})
      AND (${before?.createdAt ?? null}::timestamptz IS NULL OR (created_at, id) < (${before?.createdAt ?? null}, ${before?.id ?? ''}))
    ORDER BY created_at DESC, id DESC LIMIT ${limit}
  ) AS payout
  LEFT JOIN LATERAL (
    SELECT amount, fee, net, purchase_id IS NOT NULL AS ours,
      CASE WHEN type IN ('charge', 'payment') THEN 'purchase' WHEN type LIKE '%refund%' THEN 'refund' ELSE 'dispute' END AS kind
    FROM balance_transactions WHERE payout_id = payout.id AND source_id IS DISTINCT FROM payout.id
  ) AS part ON true
  GROUP BY payout.id, payout.amount, payout.currency, payout.status, automatic, payout.created_at, arrival_date, read_at
  ORDER BY payout.created_at DESC, payout.id DESC`
