import { readCheckout } from '@pay-to-view/db'
import type { Snapshot } from '@pay-to-view/purchase'
import { isDefiniteRejection, rejectionSnapshot, storedCheckoutRequest } from '@pay-to-view/stripe'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { applyFacts, type PurchaseActivityDeps } from './apply-facts.ts'
import { withPaymentSnapshots } from './fetch-snapshots.ts'
import type { PurchaseActivities } from './types.ts'

/**
 * Returns the id of the purchase's checkout session. If the row has no session id, the stored request is sent again, because an earlier
 * response may have been lost. If Stripe definitely rejects the request, no session exists, and a snapshot of the rejection is returned.
 */
const findOrCreateSession = async (
  { db, stripe }: PurchaseActivityDeps,
  id: string,
): Promise<{ sessionId: string } | { rejection: Snapshot }> => {
  const { sessionId, checkoutRequest } = await readCheckout(db, id)
  if (sessionId !== null) return { sessionId }
  try {
    return await stripe.createCheckout(id, storedCheckoutRequest.parse(checkoutRequest))
  } catch (error) {
    if (!isDefiniteRejection(error)) throw error
    return { rejection: rejectionSnapshot(id, error) }
  }
}

export const expireCheckout = async (
  deps: PurchaseActivityDeps,
  { id, cause }: Parameters<PurchaseActivities['expireCheckout']>[0],
): Promise<PurchaseView> => {
  const session = await findOrCreateSession(deps, id)
  const snapshots =
    'rejection' in session
      ? [session.rejection]
      : await withPaymentSnapshots(deps.stripe, await deps.stripe.expireCheckout(session.sessionId))
  return applyFacts(deps, { id, snapshots, cause })
}
