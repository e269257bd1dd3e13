import { setTimeout as sleep } from 'node:timers/promises'
import { setAsideFacts } from '@pay-to-view/db'
import type { SetAsideInput } from '@pay-to-view/workflow-client/types'
import type { PurchaseActivityDeps } from './apply-facts.ts'

/** This timeout is shorter than a local activity's timeout, because the alert must not depend on Stripe. */
const stripeTimeoutMs = 2_000

/** The purchases that are named in the metadata of payments in Stripe; none if Stripe does not respond before the timeout. */
const findPurchasesAtStripe = async ({ stripe }: PurchaseActivityDeps, { snapshots }: SetAsideInput): Promise<string[]> => {
  const payments = snapshots.flatMap((snapshot) => (snapshot.kind === 'payment' ? [snapshot.id] : []))
  const found = await Promise.race([
    Promise.all(payments.map((id) => stripe.findPurchase(id).catch(() => null))),
    sleep(stripeTimeoutMs, [], { ref: false }),
  ])
  return [...new Set(found.flatMap((named) => named?.purchaseId ?? []))]
}

/** Sets aside facts that cannot be applied. The alert names the purchases that the payments belong to according to Stripe. */
export const setAside = async (deps: PurchaseActivityDeps, input: SetAsideInput): Promise<void> =>
  setAsideFacts(deps.db, input, await findPurchasesAtStripe(deps, input))
