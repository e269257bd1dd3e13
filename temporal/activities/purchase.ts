import { loadView, raiseWorkflowAlert, recordRefundRequest } from '@pay-to-view/db'
import { applyFacts, type PurchaseActivityDeps } from './apply-facts.ts'
import { executeRefundRequest } from './execute-refund.ts'
import { expireCheckout } from './expire-checkout.ts'
import { withFailureTypes } from './failure-types.ts'
import { fetchAllSnapshots, fetchMissingDetails, fetchPaymentSnapshots } from './fetch-snapshots.ts'
import { setAside } from './set-aside.ts'
import type { PurchaseActivities } from './types.ts'

const refreshFromStripe = async (
  deps: PurchaseActivityDeps,
  { paymentIntentId, ...input }: Parameters<PurchaseActivities['refreshFromStripe']>[0],
) => {
  // An event without a payment is about a free order or an invoice, which have no refunds or disputes.
  const fetchWithoutPayment = input.cause.kind === 'event' ? fetchMissingDetails : fetchAllSnapshots
  const fetched =
    paymentIntentId === null
      ? await fetchWithoutPayment(deps, input.id)
      : await fetchPaymentSnapshots(deps.stripe, paymentIntentId)
  return applyFacts(deps, { ...input, snapshots: [...input.snapshots, ...fetched] })
}

const recordRequest = async (
  { db }: PurchaseActivityDeps,
  { id, request }: Parameters<PurchaseActivities['recordRefundRequest']>[0],
) => {
  const recorded = await recordRefundRequest(db, id, request)
  return { outcome: 'pending' in recorded ? null : recorded, view: await loadView(db, id) }
}

const executeRefund = async (
  deps: PurchaseActivityDeps,
  { id, requestId }: Parameters<PurchaseActivities['executeRefund']>[0],
) => {
  const outcome = await executeRefundRequest(deps, id, requestId)
  return { outcome, view: await loadView(deps.db, id) }
}

export const createPurchaseActivities = (deps: PurchaseActivityDeps): PurchaseActivities => ({
  loadPurchase: (id) => withFailureTypes(loadView(deps.db, id)),

  applyFacts: (input) => withFailureTypes(applyFacts(deps, input)),

  refreshFromStripe: (input) => withFailureTypes(refreshFromStripe(deps, input)),

  expireCheckout: (input) => withFailureTypes(expireCheckout(deps, input)),

  recordRefundRequest: (input) => withFailureTypes(recordRequest(deps, input)),

  executeRefund: (input) => withFailureTypes(executeRefund(deps, input)),

  setAsideFacts: (input) => withFailureTypes(setAside(deps, input)),

  raiseAlert: (alert) => withFailureTypes(raiseWorkflowAlert(deps.db, alert)),
})
