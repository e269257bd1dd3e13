import type { Db } from '../client.ts'
import { readCursor, stripeEventsCursor } from '../cursors.ts'
import type { Prisma } from '../generated/client.ts'
import { ago, stuckThresholds } from '../stuck-workflows.ts'

/** The numbers of items that are overdue or need an operator. All counts are 0 in normal operation. */
export interface StuckCounts {
  /** Pending purchases whose checkout has expired and whose payment is not processing. */
  pendingPastDeadline: number
  /** Payments that do not match the quote and are waiting for the operator's decision. */
  mismatched: number
  /** Events that have been in the event ledger for two minutes without being applied. */
  unappliedEvents: number
  /** Purchases whose workflow cannot make progress, according to the reconciler. */
  blockedWorkflows: number
  /** The number of days on which events named a nonexistent purchase. A day counts until its alert is resolved. */
  orphanEvents: number
  /** Refund requests that have been waiting for a response for two minutes. */
  unansweredRefunds: number
  /** Refunds that Stripe accepted but that later failed or were canceled. A refund counts until its alert is resolved. */
  failedRefunds: number
  /** The time up to which Stripe's events have been compared with the event ledger. */
  reconciledUntil: Date | null
}

/** Returns the conditions that select the items to count and list. */
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
    blockedWorkflows: { kind: 'workflow_blocked', resolvedAt: null },
    orphanEvents: { kind: 'orphan_event', resolvedAt: null },
    unansweredRefunds: { respondedAt: null, createdAt: { lt: ago(now, stuckThresholds.refund) } },
    failedRefunds: { kind: 'refund_failed', resolvedAt: null },
    /** Events received in the last 24 hours that the reconciler had to fetch because no webhook delivered them. */
    missedEvents: {
      outcome: { in: ['received', 'matched', 'orphan'] },
      receivedAt: { gte: ago(now, 86_400_000) },
      source: 'reconcile',
    },
  }) satisfies {
    pendingPastDeadline: Prisma.PurchaseWhereInput
    mismatched: Prisma.PurchaseWhereInput
    unappliedEvents: Prisma.StripeEventWhereInput
    blockedWorkflows: Prisma.AlertWhereInput
    orphanEvents: Prisma.AlertWhereInput
    unansweredRefunds: Prisma.RefundRequestWhereInput
    failedRefunds: Prisma.AlertWhereInput
    missedEvents: Prisma.StripeEventWhereInput
  }

export const stuckCounts = async (db: Db, now = new Date()): Promise<StuckCounts> => {
  const where = conditions(now)
  const [counts, reconciledUntil] = await Promise.all([
    Promise.all([
      db.purchase.count({ where: where.pendingPastDeadline }),
      db.purchase.count({ where: where.mismatched }),
      db.stripeEvent.count({ where: where.unappliedEvents }),
      db.alert.count({ where: where.blockedWorkflows }),
      db.alert.count({ where: where.orphanEvents }),
      db.refundRequest.count({ where: where.unansweredRefunds }),
      db.alert.count({ where: where.failedRefunds }),
    ]),
    readCursor(db, stripeEventsCursor),
  ])
  const [pendingPastDeadline, mismatched, unappliedEvents, blockedWorkflows, orphanEvents, unansweredRefunds, failedRefunds] =
    counts
  return {
    ...{ pendingPastDeadline, mismatched, unappliedEvents, blockedWorkflows, orphanEvents, unansweredRefunds, failedRefunds },
    reconciledUntil,
  }
}

export const stuckKinds = ['pendingPastDeadline', 'mismatched', 'unappliedEvents', 'unansweredRefunds', 'missedEvents'] as const

/** An item that `stuckCounts` counts and that no alert names, or an event that no webhook delivered. */
export interface StuckItem {
  what: (typeof stuckKinds)[number]
  purchaseId: string | null
  /** The id of the event or of the refund request; null if the item is the purchase itself. */
  id: string | null
  /** The event's type or the payment's mismatch. */
  about: string | null
  since: Date
}

/** Returns the newest items of each kind, at most `limit` per kind. */
export const stuckItems = async (db: Db, limit: number, now = new Date()): Promise<StuckItem[]> => {
  const where = conditions(now)
  const purchases = async (what: 'pendingPastDeadline' | 'mismatched') => {
    const rows = await db.purchase.findMany({
      where: where[what],
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
      select: { id: true, mismatch: true, createdAt: true },
    })
    return rows.map(({ id, mismatch, createdAt }) => ({ what, purchaseId: id, id: null, about: mismatch, since: createdAt }))
  }
  const events = async (what: 'unappliedEvents' | 'missedEvents') => {
    const rows = await db.stripeEvent.findMany({
      where: where[what],
      orderBy: { receivedAt: 'desc' },
      take: limit,
      select: { id: true, type: true, purchaseId: true, receivedAt: true },
    })
    return rows.map(({ receivedAt, type, ...event }) => ({ what, ...event, about: type, since: receivedAt }))
  }
  const requests = async () => {
    const rows = await db.refundRequest.findMany({
      where: where.unansweredRefunds,
      orderBy: { createdAt: 'desc' },
      take: limit,
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
