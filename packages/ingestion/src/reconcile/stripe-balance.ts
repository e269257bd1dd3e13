import {
  advanceBalanceCursor,
  advanceCursor,
  balanceCursor,
  markPayoutRead,
  matchTransactions,
  openSalesCursor,
  payoutsCursor,
  storePayouts,
  storeTransactions,
  unreadPayouts,
} from '@pay-to-view/db'
import type { ReconcileRun } from './run.ts'

/** The overlap of consecutive runs in seconds, because Stripe may list a balance transaction late and Stripe's clock differs from ours. */
const overlapSeconds = 600

/** The time span that one list covers after a long interruption, so a stopped run keeps its progress. */
const windowSeconds = 86_400

/** The time that one run may spend on older balance transactions. The next run continues where this run stopped. */
const limitMs = 120_000

/** Balance transactions that are older than this and match no purchase are assumed to belong to another system. */
const matchSeconds = 3 * 86_400

/** The age up to which payouts are read again, because payouts change and are reconciled over several days. */
const payoutSeconds = 14 * 86_400

const seconds = (time: Date): number => Math.floor(time.getTime() / 1_000)
const toDate = (at: number): Date => new Date(at * 1_000)

/** Reads Stripe's balance transactions, which contain fees and net amounts, and adds them to the sales figures of their purchases. */
export const readStripeBalance = async ({ db, stripe, scope, now }: ReconcileRun): Promise<void> => {
  if (scope.dryRun) return
  let cursor = await openSalesCursor(db, balanceCursor, now)
  if (cursor === null) return
  const [startedAt, end] = [performance.now(), seconds(now)]
  for (;;) {
    const from = seconds(cursor) - overlapSeconds
    // The newest transactions are read without an upper time limit, because Stripe's clock may be ahead.
    const to = from + windowSeconds < end ? from + windowSeconds : null
    for await (const page of stripe.listBalanceTransactions(from, to)) {
      scope.signal?.throwIfAborted()
      if (page.length > 0) await storeTransactions(db, page, null)
    }
    const next = toDate(to ?? end)
    const since = toDate(Math.min(from, end - matchSeconds))
    if (!(await advanceBalanceCursor(db, { from: cursor, to: next, since }))) return
    if (to === null || performance.now() - startedAt > limitMs) return
    cursor = next
  }
}

/** Reads Stripe's payouts, and each payout's balance transactions as soon as Stripe has assigned them. */
export const readPayouts = async ({ db, stripe, scope, now }: ReconcileRun): Promise<void> => {
  if (scope.dryRun) return
  const start = await openSalesCursor(db, payoutsCursor, now)
  if (start === null) return
  for await (const page of stripe.listPayouts(seconds(start) - payoutSeconds)) {
    scope.signal?.throwIfAborted()
    if (page.length === 0) continue
    await storePayouts(db, page)
    const unread = new Set(
      await unreadPayouts(
        db,
        page.map(({ id }) => id),
      ),
    )
    for (const { id, isReconciled } of page) {
      if (!isReconciled || !unread.has(id)) continue
      for await (const transactions of stripe.listPayoutTransactions(id)) {
        scope.signal?.throwIfAborted()
        await storeTransactions(db, transactions, id)
      }
      await markPayoutRead(db, id)
    }
  }
  await matchTransactions(db, toDate(seconds(now) - matchSeconds))
  await advanceCursor(db, payoutsCursor, start, now)
}
