import type { DisputeSnapshot, RefundSnapshot, Snapshot } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { disputeSnapshot, refundSnapshot, sessionSnapshots } from '../snapshots.ts'
import { listResponses } from './pagination.ts'
import { respondedAt } from './responded-at.ts'

/** A checkout session with its line items and promotion codes, and the snapshots of the session and its payment. */
export interface PastSession {
  session: Stripe.Checkout.Session
  snapshots: Snapshot[]
}

/** The time at which the session was paid, in seconds since the epoch on Stripe's clock; for a free order, the time of its creation. */
const paidAt = ({ payment_intent: intent, created }: Stripe.Checkout.Session): number => {
  const charge = typeof intent === 'object' ? intent?.latest_charge : null
  return typeof charge === 'object' && charge !== null ? charge.created : created
}

/** Dates the snapshot of a payment back to the time of the payment, because access starts then and not with the import. */
const asPaidThen = (session: Stripe.Checkout.Session, snapshot: Snapshot): Snapshot =>
  snapshot.kind === 'free_order' || (snapshot.kind === 'payment' && snapshot.status === 'paid')
    ? { ...snapshot, observedAt: paidAt(session) }
    : snapshot

// Stripe expands at most four levels.
const expand = ['data.payment_intent.latest_charge', 'data.discounts.promotion_code', 'data.line_items', 'data.invoice']

const createdSince = (since: number) => ({ ...(since > 0 && { created: { gte: since } }), limit: 100 })

/**
 * Calls that list the sessions, refunds and disputes created since a given time (seconds since the epoch), newest first. Refunds and
 * disputes are read in pages of 100, which takes far fewer requests than reading refunds and disputes for each payment.
 */
export const salesHistoryCalls = (stripe: Stripe) => ({
  listPastSessions: async function* (since: number): AsyncGenerator<PastSession[]> {
    for await (const response of listResponses((page) =>
      stripe.checkout.sessions.list({ ...createdSince(since), expand, ...page }),
    )) {
      const observedAt = respondedAt(response)
      yield response.data.map((session) => ({
        session,
        snapshots: sessionSnapshots(session, observedAt).map((snapshot) => asPaidThen(session, snapshot)),
      }))
    }
  },

  listPastRefunds: async function* (since: number): AsyncGenerator<RefundSnapshot[]> {
    for await (const response of listResponses((page) => stripe.refunds.list({ ...createdSince(since), ...page }))) {
      const observedAt = respondedAt(response)
      yield response.data.map((refund) => refundSnapshot(refund, observedAt)).filter((snapshot) => snapshot !== null)
    }
  },

  listPastDisputes: async function* (since: number): AsyncGenerator<DisputeSnapshot[]> {
    for await (const response of listResponses((page) => stripe.disputes.list({ ...createdSince(since), ...page }))) {
      const observedAt = respondedAt(response)
      yield response.data.map((dispute) => disputeSnapshot(dispute, observedAt)).filter((snapshot) => snapshot !== null)
    }
  },
})
