import { applyFacts as applyFactsToDatabase, type Db } from '@pay-to-view/db'
import type { StripeGateway } from '@pay-to-view/stripe'
import type { ApplyFactsInput, PurchaseView } from '@pay-to-view/workflow-client/types'

export interface PurchaseActivityDeps {
  db: Db
  stripe: StripeGateway
  /** Called when applied facts have changed the status or the access of a purchase. */
  onPurchaseChange?: (view: PurchaseView) => void
}

export const applyFacts = async (
  { db, onPurchaseChange }: PurchaseActivityDeps,
  input: ApplyFactsInput,
): Promise<PurchaseView> => {
  const view = await applyFactsToDatabase(db, input)
  if (view.change) onPurchaseChange?.(view)
  return view
}
