import type { Snapshot } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import type { CheckoutRequest } from '../checkout-request.ts'
import { isDefiniteRejection, isMissing } from '../client.ts'
import { purchaseIdIn } from '../metadata.ts'
import { missingSessionSnapshot, sessionSnapshots } from '../snapshots.ts'
import { idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'
import { listAll, listPages } from './pagination.ts'
import { respondedAt } from './responded-at.ts'
import { withoutStackTrace } from './without-stack-trace.ts'

export interface Checkout {
  sessionId: string
  /** The client secret that mounts the embedded checkout. It is never logged or stored. */
  clientSecret: string | null
  isOpen: boolean
}

const asCheckout = (session: Stripe.Checkout.Session): Checkout => ({
  sessionId: session.id,
  clientSecret: session.client_secret,
  isOpen: session.status === 'open',
})

/** Expanding a null property is safe: the property stays null. */
const expand = ['payment_intent.latest_charge', 'discounts.promotion_code', 'invoice']

const findSessionOfPurchase = async (
  stripe: Stripe,
  customer: string,
  purchaseId: string,
): Promise<Stripe.Checkout.Session | null> => {
  for await (const sessions of listPages((page) => stripe.checkout.sessions.list({ customer, limit: 100, ...page }))) {
    const found = sessions.find((session) => purchaseIdIn(session.metadata) === purchaseId)
    if (found) return found
  }
  return null
}

const fetchCheckoutSnapshots = async (stripe: Stripe, sessionId: string): Promise<Snapshot[]> => {
  try {
    const session = await stripe.checkout.sessions.retrieve(sessionId, { expand })
    return sessionSnapshots(session, respondedAt(session))
  } catch (error) {
    if (isMissing(error)) return [missingSessionSnapshot(sessionId, error)]
    throw error
  }
}

export const checkoutSessionCalls = (stripe: Stripe) => ({
  createCheckout: async (purchaseId: string, request: CheckoutRequest): Promise<Checkout> =>
    asCheckout(
      await idempotentWrite<Stripe.Checkout.Session>(
        ['checkout', purchaseId],
        (idempotencyKey) => withoutStackTrace(() => stripe.checkout.sessions.create(request, { idempotencyKey })),
        () => findSessionOfPurchase(stripe, request.customer, purchaseId),
      ),
    ),

  /** Returns null if Stripe does not know the session. */
  fetchCheckout: async (sessionId: string): Promise<Checkout | null> => {
    const session = await orNullIfMissing(withoutStackTrace(() => stripe.checkout.sessions.retrieve(sessionId)))
    return session && asCheckout(session)
  },

  /** Returns the current snapshots of a session and its payment. */
  fetchCheckoutSnapshots: (sessionId: string): Promise<Snapshot[]> => fetchCheckoutSnapshots(stripe, sessionId),

  /**
   * Closes an open session and returns its snapshots. If the session is not open, Stripe rejects the request ("Only Checkout Sessions with
   * a status in ["open"] can be expired"), and the current snapshots are returned.
   */
  expireCheckout: async (sessionId: string): Promise<Snapshot[]> => {
    try {
      const session = await idempotentWrite(['expire', sessionId], (idempotencyKey) =>
        stripe.checkout.sessions.expire(sessionId, { expand }, { idempotencyKey }),
      )
      return sessionSnapshots(session, respondedAt(session))
    } catch (error) {
      if (!isDefiniteRejection(error)) throw error
      return fetchCheckoutSnapshots(stripe, sessionId)
    }
  },

  /** Returns the snapshots of a payment and of the sessions that led to it. */
  listCheckoutSnapshots: async (paymentIntentId: string): Promise<Snapshot[]> => {
    const found = await listAll((page) =>
      stripe.checkout.sessions.list({
        payment_intent: paymentIntentId,
        limit: 100,
        expand: ['data.payment_intent', 'data.discounts.promotion_code', 'data.invoice'],
        ...page,
      }),
    )
    return found.flatMap(({ item, observedAt }) => sessionSnapshots(item, observedAt))
  },

  /** Yields the sessions created since a given time (seconds since the epoch) page by page, newest first. */
  listCheckoutSessions: (since: number): AsyncGenerator<Stripe.Checkout.Session[]> =>
    listPages((page) => stripe.checkout.sessions.list({ created: { gte: since }, limit: 100, ...page })),
})
