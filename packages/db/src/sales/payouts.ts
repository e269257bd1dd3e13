import type { Payout } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'

/** Inserts new payouts and updates payouts whose status has changed. */
export const storePayouts = async (db: Db, payouts: readonly Omit<Payout, 'isReconciled'>[]): Promise<void> => {
  await db.$executeRaw`
    INSERT INTO payouts AS stored (id, amount, currency, status, automatic, created_at, arrival_date)
    SELECT id, amount, currency, status, automatic, to_timestamp("createdAt"), to_timestamp("arrivalDate")
    FROM jsonb_to_recordset(${JSON.stringify(payouts)}::jsonb) AS one (id text, amount bigint, currency text, status text, automatic boolean,
      "createdAt" bigint, "arrivalDate" bigint)
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, arrival_date = excluded.arrival_date
    WHERE (stored.status, stored.arrival_date) IS DISTINCT FROM (excluded.status, excluded.arrival_date)`
}

/** Returns the given payouts whose balance transactions have not been read yet. */
export const unreadPayouts = async (db: Db, ids: readonly string[]): Promise<string[]> =>
  (await db.payout.findMany({ where: { id: { in: [...ids] }, readAt: null }, select: { id: true } })).map(({ id }) => id)

/** Records that all balance transactions of a payout are stored. */
export const markPayoutRead = async (db: Db, id: string): Promise<void> => {
  await db.payout.update({ where: { id }, data: { readAt: new Date() } })
}
