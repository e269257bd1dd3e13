import type { SetAsideInput } from '@pay-to-view/workflow-client/types'
import { raiseAlert } from './alerts.ts'
import { unappliedEventsOf } from './apply/mark-events-applied.ts'
import type { Db } from './client.ts'
import { nameSnapshot } from './json-columns.ts'
import { findOtherOwners } from './payment-owner.ts'

/**
 * Sets aside facts that cannot be applied to a purchase. The events of these facts are marked, so they are not dispatched again. An alert
 * names the facts and the purchases that already have the payments. `purchasesAtStripe` contains the purchases named in the payments'
 * metadata in Stripe. If it contains this purchase, the payment was previously recorded for the wrong purchase.
 */
export const setAsideFacts = (
  db: Db,
  { id, eventIds, snapshots, error }: SetAsideInput,
  purchasesAtStripe: readonly string[] = [],
): Promise<void> =>
  db.$transaction(async (tx) => {
    await tx.stripeEvent.updateMany({ where: unappliedEventsOf(id, eventIds), data: { outcome: 'set_aside' } })
    const names = snapshots.map(nameSnapshot)
    const paymentIds = snapshots.flatMap((snapshot) => (snapshot.kind === 'payment' ? [snapshot.id] : []))
    const otherPurchases = await findOtherOwners(tx, id, paymentIds)
    const detail = { eventIds: [...eventIds], snapshots: names, error, otherPurchases, purchasesAtStripe: [...purchasesAtStripe] }
    await raiseAlert(tx, id, 'facts_set_aside', eventIds[0] ?? names.join(' '), detail)
  })
