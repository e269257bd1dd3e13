import type { ApplyFactsInput, PurchaseView } from '@pay-to-view/workflow-client/types'
import { raiseAlert } from '../alerts.ts'
import type { Db } from '../client.ts'
import { readSnapshots } from '../json-columns.ts'
import { applyFirstPayment } from './first-payment.ts'
import { applyInTransaction } from './transaction.ts'

/**
 * Applies snapshots to a purchase. One transaction under the user's lock changes the facts, projection, grant, alerts, timeline and event
 * ledger. Applying the same snapshots again changes nothing.
 *
 * Snapshots that this version cannot read (created manually or by a newer version) are skipped with an alert. In that case, the given
 * events stay unapplied in the event ledger, so a newer worker can apply them later.
 */
export const applyFacts = async (db: Db, input: ApplyFactsInput): Promise<PurchaseView> => {
  const { snapshots, unreadable } = readSnapshots(input.snapshots)
  if (unreadable.length === 0) {
    const readable = { ...input, snapshots }
    return (await applyFirstPayment(db, readable)) ?? applyInTransaction(db, readable)
  }
  const view = await applyInTransaction(db, { ...input, snapshots, eventIds: [] })
  for (const snapshot of unreadable) await raiseAlert(db, input.id, 'unreadable_snapshot', snapshot, { snapshot })
  return view
}
