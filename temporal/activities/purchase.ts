import { loadView, PurchaseNotFound, recordRefundRequest } from '@pay-to-view/db'
import { ApplicationFailure } from '@temporalio/common'
import { applyFacts, type PurchaseActivityDeps } from './apply-facts.ts'
import { executeRefundRequest } from './execute-refund.ts'
import { expireCheckout } from './expire-checkout.ts'
import { fetchAllSnapshots, fetchPaymentSnapshots } from './fetch-snapshots.ts'
import type { PurchaseActivities } from './types.ts'

/** An activity for a purchase that does not exist is not retried. */
const failIfNotFound = async <T>(activity: Promise<T>): Promise<T> => {
  try {
    return await activity
  } catch (error) {
    if (error instanceof PurchaseNotFound) throw ApplicationFailure.nonRetryable(error.message, 'PurchaseNotFound')
    throw error
  }
}

const refreshFromStripe = async (
  deps: PurchaseActivityDeps,
  { paymentIntentId, ...input }: Parameters<PurchaseActivities['refreshFromStripe']>[0],
) => {
  const fetched =
    paymentIntentId === null ? await fetchAllSnapshots(deps, input.id) : await fetchPaymentSnapshots(deps.stripe, paymentIntentId)
  return applyFacts(deps, { ...input, snapshots: [...input.snapshots, ...fetched] })
}

export const createPurchaseActivities = (deps: PurchaseActivityDeps): PurchaseActivities => ({
  loadPurchase: (id) => failIfNotFound(loadView(deps.db, id)),

  applyFacts: (input) => failIfNotFound(applyFacts(deps, input)),

  refreshFromStripe: (input) => failIfNotFound(refreshFromStripe(deps, input)),

  expireCheckout: (input) => failIfNotFound(expireCheckout(deps, input)),

  recordRefundRequest: async ({ id, request }) => {
    const recorded = await failIfNotFound(recordRefundRequest(deps.db, id, request))
    return { outcome: 'pending' in recorded ? null : recorded, view: await loadView(deps.db, id) }
  },

  executeRefund: async ({ id, requestId }) => {
    const outcome = await executeRefundRequest(deps, id, requestId)
    return { outcome, view: await loadView(deps.db, id) }
  },
})
