import type { Db } from '../client.ts'

/** What should have moved by now, and what nobody's purchase explains. Counts are of the whole ledger. */
export interface Stuck {
  /** Pending purchases past their checkout's end whose payment is not under way. */
  pendingPastDeadline: number
  /** Payments that are not what was quoted and wait for an operator. */
  mismatched: number
  /** Events that the ledger has and no purchase has heard of for two minutes. */
  unappliedEvents: number
  /** Events that name a purchase of ours that does not exist. */
  orphanEvents: number
  /** Refunds that were asked for two minutes ago or longer and have no answer. */
  unansweredRefunds: number
  /** Refunds that Stripe took and that failed or were canceled after all. */
  failedRefunds: number
  /** When Stripe's events were last compared with the ledger. */
  reconciledUntil: Date | null
}

const late = 2 * 60_000

export const stuck = async (db: Db, now = new Date()): Promise<Stuck> => {
  const before = new Date(now.getTime() - late)
  const [pendingPastDeadline, mismatched, unappliedEvents, orphanEvents, unansweredRefunds, failedRefunds, cursor] =
    await Promise.all([
      db.purchase.count({ where: { status: 'Pending', processing: false, mismatch: null, checkoutDeadline: { lt: before } } }),
      db.purchase.count({ where: { status: 'Pending', mismatch: { not: null } } }),
      db.stripeEvent.count({ where: { appliedAt: null, outcome: { in: ['received', 'ours'] }, receivedAt: { lt: before } } }),
      db.stripeEvent.count({ where: { outcome: 'orphan' } }),
      db.refundRequest.count({ where: { answeredAt: null, createdAt: { lt: before } } }),
      db.refund.count({ where: { status: { in: ['failed', 'canceled'] } } }),
      db.cursor.findUnique({ where: { name: 'stripe-events' } }),
    ])
  return {
    ...{ pendingPastDeadline, mismatched, unappliedEvents, orphanEvents, unansweredRefunds, failedRefunds },
    reconciledUntil: cursor?.at ?? null,
  }
}
