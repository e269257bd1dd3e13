import type { Db } from '../client.ts'
import { readCursor, stripeEventsCursor } from '../cursors.ts'
import type { Prisma } from '../generated/client.ts'
import { ago, stuckThresholds } from '../stuck-workflows.ts'

/** What should have moved by now, and what nobody's purchase explains. Counts are of the whole ledger. */
export interface StuckCounts {
  /** Pending purchases past their checkout's end whose payment is not under way. */
  pendingPastDeadline: number
  /** Payments that are not what was quoted and wait for an operator. */
  mismatched: number
  /** Events that the ledger has and no purchase has heard of for two minutes. */
  unappliedEvents: number
  /** Events that name a purchase of ours that does not exist, until somebody resolves their alert. */
  orphanEvents: number
  /** Refunds that were asked for two minutes ago or longer and have no answer. */
  unansweredRefunds: number
  /** Refunds that Stripe took and that failed or were canceled after all, until somebody resolves their alert. */
  failedRefunds: number
  /** When Stripe's events were last compared with the ledger. */
  reconciledUntil: Date | null
}

/** What is counted, and what is listed. */
const conditions = (now: Date) =>
  ({
    pendingPastDeadline: {
      status: 'Pending',
      processing: false,
      mismatch: null,
      checkoutDeadline: { lt: ago(now, stuckThresholds.deadline) },
    },
    mismatched: { status: 'Pending', mismatch: { not: null } },
    unappliedEvents: {
      appliedAt: null,
      outcome: { in: ['received', 'matched'] },
      receivedAt: { lt: ago(now, stuckThresholds.event) },
    },
    orphanEvents: { kind: 'orphan_event', resolvedAt: null },
    unansweredRefunds: { respondedAt: null, createdAt: { lt: ago(now, stuckThresholds.refund) } },
    failedRefunds: { kind: 'refund_failed', resolvedAt: null },
    /** What the reconciler had to fetch within a day, because no webhook had brought it. */
    missedEvents: {
      outcome: { in: ['received', 'matched', 'orphan'] },
      receivedAt: { gte: ago(now, 86_400_000) },
      source: 'reconcile',
    },
  }) satisfies {
    pendingPastDeadline: Prisma.PurchaseWhereInput
    mismatched: Prisma.PurchaseWhereInput
    unappliedEvents: Prisma.StripeEventWhereInput
    orphanEvents: Prisma.AlertWhereInput
    unansweredRefunds: Prisma.RefundRequestWhereInput
    failedRefunds: Prisma.AlertWhereInput
    missedEvents: Prisma.StripeEventWhereInput
  }

export const stuckCounts = async (db: Db, now = new Date()): Promise<StuckCounts> => {
  const where = conditions(now)
  const [pendingPastDeadline, mismatched, unappliedEvents, orphanEvents, unansweredRefunds, failedRefunds, reconciledUntil] =
    await Promise.all([
      db.purchase.count({ where: where.pendingPastDeadline }),
      db.purchase.count({ where: where.mismatched }),
      db.stripeEvent.count({ where: where.unappliedEvents }),
      db.alert.count({ where: where.orphanEvents }),
      db.refundRequest.count({ where: where.unansweredRefunds }),
      db.alert.count({ where: where.failedRefunds }),
      readCursor(db, stripeEventsCursor),
    ])
  return {
    ...{ pendingPastDeadline, mismatched, unappliedEvents, orphanEvents, unansweredRefunds, failedRefunds },
    reconciledUntil,
  }
}

export const stuckKinds = ['pendingPastDeadline', 'mismatched', 'unappliedEvents', 'unansweredRefunds', 'missedEvents'] as const

/** One of what `stuck` counts and no alert names, or an event that no webhook brought. */
export interface StuckItem {
  what: (typeof stuckKinds)[number]
  purchaseId: string | null
  /** Stripe's id of the event, or the key of the request for a refund; null where the purchase says it all. */
  id: string | null
  /** The event's type, or what differs. */
  about: string | null
  since: Date
}

/** The newest `most` of each kind. */
export const stuckItems = async (db: Db, most: number, now = new Date()): Promise<StuckItem[]> => {
  const where = conditions(now)
  const purchases = async (what: 'pendingPastDeadline' | 'mismatched') => {
    const rows = await db.purchase.findMany({
      where: where[what],
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: most,
      select: { id: true, mismatch: true, createdAt: true },
    })
    return rows.map(({ id, mismatch, createdAt }) => ({ what, purchaseId: id, id: null, about: mismatch, since: createdAt }))
  }
  const events = async (what: 'unappliedEvents' | 'missedEvents') => {
    const rows = await db.stripeEvent.findMany({
      where: where[what],
      orderBy: { receivedAt: 'desc' },
      take: most,
      select: { id: true, type: true, purchaseId: true, receivedAt: true },
    })
    return rows.map(({ receivedAt, type, ...event }) => ({ what, ...event, about: type, since: receivedAt }))
  }
  const requests = async () => {
    const rows = await db.refundRequest.findMany({
      where: where.unansweredRefunds,
      orderBy: { createdAt: 'desc' },
      take: most,
      select: { requestId: true, purchaseId: true, createdAt: true },
    })
    return rows.map(({ requestId, purchaseId, createdAt }) => ({
      what: 'unansweredRefunds' as const,
      purchaseId,
      id: requestId,
      about: null,
      since: createdAt,
    }))
  }
  return (
    await Promise.all([
      ...[
        purchases('pendingPastDeadline'),
        purchases('mismatched'),
        events('unappliedEvents'),
        requests(),
        events('missedEvents'),
      ],
    ])
  ).flat()
}
