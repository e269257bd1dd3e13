import { readFacts } from '@pay-to-view/db'
import { factsOf, type Snapshot } from '@pay-to-view/purchase'
import { isMissing, type StripeGateway } from '@pay-to-view/stripe'
import type { PurchaseActivityDeps } from './apply-facts.ts'

/** Returns the snapshots of a payment, its checkout sessions, refunds and disputes; none for a payment that Stripe does not know. */
export const fetchPaymentSnapshots = async (stripe: StripeGateway, paymentIntentId: string): Promise<Snapshot[]> => {
  try {
    const [sessions, refunds, disputes] = await Promise.all([
      stripe.listCheckoutSnapshots(paymentIntentId),
      stripe.listRefunds(paymentIntentId),
      stripe.listDisputes(paymentIntentId),
    ])
    return [...sessions, ...refunds, ...disputes]
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Adds refunds and disputes to the snapshots of a checkout session that was paid. */
export const withPaymentSnapshots = async (stripe: StripeGateway, checkout: Snapshot[]): Promise<Snapshot[]> => {
  const paid = checkout.find((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
  return paid ? [...checkout, ...(await fetchPaymentSnapshots(stripe, paid.id))] : checkout
}

/** Returns the snapshots of all checkout sessions of a purchase. Besides ours, some may have been created in the Stripe dashboard. */
export const fetchAllSnapshots = async ({ db, stripe }: PurchaseActivityDeps, id: string): Promise<Snapshot[]> => {
  const { facts, sessionId } = await readFacts(db, id)
  const sessionIds = new Set(factsOf(facts, 'session').map((session) => session.id))
  if (sessionId !== null) sessionIds.add(sessionId)
  const snapshots = await Promise.all(
    [...sessionIds].map(async (session) => withPaymentSnapshots(stripe, await stripe.fetchCheckoutSnapshots(session))),
  )
  return snapshots.flat()
}
