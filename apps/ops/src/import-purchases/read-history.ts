import { type Db, readUnknown } from '@pay-to-view/db'
import type { DisputeSnapshot, RefundSnapshot } from '@pay-to-view/purchase'
import { isForeignSite, purchaseIdIn, type StripeGateway, siteIn } from '@pay-to-view/stripe'
import { createProgress } from '../progress.ts'
import { mergeSessions, type PastSession, readSessionPurchase, type SessionPurchase } from './session-purchase.ts'

export interface PastSales {
  /** Purchases that are missing from the database, oldest first. */
  purchases: SessionPurchase[]
  sessions: number
  /** The number of sessions whose metadata names a purchase of this site. */
  ownSessions: number
  /** The number of purchases that already exist in the database. */
  existing: number
  problems: { sessionId: string; problem: string }[]
}

const idsOf = (page: readonly PastSession[]): string[] => [
  ...new Set(page.flatMap(({ session }) => purchaseIdIn(session.metadata) ?? [])),
]

/** Groups the snapshots of refunds or disputes by their payment. */
const readByPayment = async <T extends RefundSnapshot | DisputeSnapshot>(
  pages: AsyncIterable<T[]>,
  description: string,
): Promise<Map<string, T[]>> => {
  const byPayment = new Map<string, T[]>()
  const showProgress = createProgress(description)
  let count = 0
  for await (const page of pages) {
    for (const snapshot of page) {
      const { paymentIntentId } = snapshot
      byPayment.set(paymentIntentId, [...(byPayment.get(paymentIntentId) ?? []), snapshot])
    }
    count += page.length
    showProgress(count)
  }
  return byPayment
}

/** Adds the refunds and disputes of a purchase's payments to the purchase. */
const withReversals = (
  purchase: SessionPurchase,
  ...maps: ReadonlyMap<string, (RefundSnapshot | DisputeSnapshot)[]>[]
): SessionPurchase => {
  const payments = new Set(purchase.snapshots.flatMap((snapshot) => (snapshot.kind === 'payment' ? [snapshot.id] : [])))
  const reversals = [...payments].flatMap((id) => maps.flatMap((byPayment) => byPayment.get(id) ?? []))
  return { ...purchase, snapshots: [...purchase.snapshots, ...reversals] }
}

/** A user may have several customers in Stripe. All of the user's purchases get the customer of the user's latest session. */
const withLatestCustomers = (purchases: readonly SessionPurchase[]): SessionPurchase[] => {
  const customers = new Map(purchases.flatMap(({ userId, stripeCustomerId: id }) => (id === null ? [] : [[userId, id]])))
  return purchases.map((purchase) => ({ ...purchase, stripeCustomerId: customers.get(purchase.userId) ?? null }))
}

/**
 * Reads the sales since a given time (seconds since the epoch) that are missing from the database. Refunds and disputes are read after the
 * sessions, so their snapshots are never older than the payment's snapshot.
 */
export const readPastSales = async (
  db: Db,
  stripe: StripeGateway,
  since: number,
  site: string | undefined,
): Promise<PastSales> => {
  const showProgress = createProgress('checkout sessions read')
  const sessionsOf = new Map<string, SessionPurchase[]>()
  const problems: PastSales['problems'] = []
  const known = new Set<string>()
  let [sessions, ownSessions] = [0, 0]
  for await (const page of stripe.listPastSessions(since)) {
    sessions += page.length
    showProgress(sessions)
    const own = page.filter(
      ({ session }) => purchaseIdIn(session.metadata) !== null && !isForeignSite(siteIn(session.metadata), site),
    )
    ownSessions += own.length
    const { purchaseIds: unknown } = await readUnknown(db, { purchaseIds: idsOf(own) })
    for (const past of own) {
      const id = purchaseIdIn(past.session.metadata) ?? ''
      const purchase = unknown.has(id) ? readSessionPurchase(past) : null
      if (purchase === null) known.add(id)
      else if ('problem' in purchase) problems.push({ sessionId: past.session.id, problem: purchase.problem })
      else sessionsOf.set(id, [purchase, ...(sessionsOf.get(id) ?? [])])
    }
  }
  const merged = [...sessionsOf.values()].flatMap(([first, ...others]) => (first ? [mergeSessions([first, ...others])] : []))
  // Stripe lists sessions newest first. The list is reversed before it is sorted, because several sessions may have been created
  // in the same second.
  const purchases = merged.reverse().sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
  if (!purchases.some(({ isPaid }) => isPaid))
    return { purchases: withLatestCustomers(purchases), sessions, ownSessions, existing: known.size, problems }
  const refunds = await readByPayment(stripe.listPastRefunds(since), 'refunds read')
  const disputes = await readByPayment(stripe.listPastDisputes(since), 'disputes read')
  return {
    purchases: withLatestCustomers(purchases).map((purchase) => withReversals(purchase, refunds, disputes)),
    ...{ sessions, ownSessions, existing: known.size, problems },
  }
}
