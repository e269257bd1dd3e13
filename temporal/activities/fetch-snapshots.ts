import { readFacts } from '@pay-to-view/db'
import { factsOf, hasUnnamedObjects, type SessionSnapshot, type Snapshot } from '@pay-to-view/purchase'
import { isMissing, type StripeGateway } from '@pay-to-view/stripe'
import type { PurchaseActivityDeps } from './apply-facts.ts'

/** Returns the snapshots of a payment, its checkout sessions, refunds and disputes; none if the payment does not exist in Stripe. */
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

/** Whether a session is fully known: it no longer changes, and its promotion code and invoice have been fetched. */
const isFullyKnown = (session: SessionSnapshot): boolean =>
  session.status === 'complete' && session.invoice !== undefined && !hasUnnamedObjects(session)

/**
 * Returns the snapshots of a purchase's checkout sessions that are not fully known yet. Usually the invoice and the checkout are
 * completed at the same time, so only one of their events has to fetch anything.
 */
export const fetchMissingDetails = async ({ db, stripe }: PurchaseActivityDeps, id: string): Promise<Snapshot[]> => {
  const { facts, sessionId } = await readFacts(db, id)
  const known = factsOf(facts, 'session')
  const sessionIds = new Set([...known.map((session) => session.id), ...(sessionId === null ? [] : [sessionId])])
  for (const session of known) if (isFullyKnown(session)) sessionIds.delete(session.id)
  return (await Promise.all([...sessionIds].map((session) => stripe.fetchCheckoutSnapshots(session)))).flat()
}

/**
 * Returns the snapshots of all checkout sessions of a purchase. Besides our own session, other sessions may have been created in the Stripe
 * dashboard.
 */
export const fetchAllSnapshots = async ({ db, stripe }: PurchaseActivityDeps, id: string): Promise<Snapshot[]> => {
  const { facts, sessionId } = await readFacts(db, id)
  const sessionIds = new Set(factsOf(facts, 'session').map((session) => session.id))
  if (sessionId !== null) sessionIds.add(sessionId)
  const snapshots = await Promise.all(
    [...sessionIds].map(async (session) => withPaymentSnapshots(stripe, await stripe.fetchCheckoutSnapshots(session))),
  )
  return snapshots.flat()
}
