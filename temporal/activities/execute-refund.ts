import { failRefund, type PendingRefund, readRefundRequest, reevaluateRefund } from '@pay-to-view/db'
import { isActiveRefund, type RefundSnapshot } from '@pay-to-view/purchase'
import { isDefiniteRejection, type StripeGateway } from '@pay-to-view/stripe'
import type { ChangeCause, RefundOutcome } from '@pay-to-view/workflow-client/types'
import { applyFacts, type PurchaseActivityDeps } from './apply-facts.ts'
import { fetchPaymentSnapshots } from './fetch-snapshots.ts'

type PendingRefundRequest = PendingRefund['pending']

const causeOf = ({ requestId, paymentIntentId, reason, by }: PendingRefundRequest): ChangeCause =>
  requestId.startsWith('duplicate-')
    ? { kind: 'duplicate_payment', paymentIntentId }
    : { kind: 'admin_refund', by, requestId, reason }

/** Searches for the refund of an earlier attempt first, because Stripe forgets idempotency keys after 24 hours. */
const findOrCreateRefund = async (
  stripe: StripeGateway,
  { purchaseId, requestId, paymentIntentId, amount, reason }: PendingRefundRequest,
): Promise<RefundSnapshot> => {
  const existing = (await stripe.listRefunds(paymentIntentId)).find((refund) => refund.requestId === requestId)
  return (
    existing ??
    stripe.createRefund({
      purchaseId,
      requestId,
      paymentIntentId,
      amount,
      reason: reason === 'duplicate' || reason === 'fraudulent' ? reason : 'requested_by_customer',
    })
  )
}

/** Refunds at Stripe and applies the result. */
const refundAtStripe = async (deps: PurchaseActivityDeps, { pending: request }: PendingRefund): Promise<RefundOutcome> => {
  const { db, stripe } = deps
  const { purchaseId: id, requestId, paymentIntentId } = request
  const cause = causeOf(request)
  try {
    const refund = await findOrCreateRefund(stripe, request)
    const snapshots = [...(await stripe.listRefunds(paymentIntentId)), refund]
    if (isActiveRefund(refund))
      await applyFacts(deps, { id, snapshots, cause, completesRefundRequest: { requestId, refundId: refund.id } })
    else {
      await applyFacts(deps, { id, snapshots, cause })
      await failRefund(db, request)
    }
  } catch (error) {
    if (!isDefiniteRejection(error)) throw error
    // The current state of the payment explains the rejection better than Stripe's error.
    await applyFacts(deps, { id, snapshots: await fetchPaymentSnapshots(stripe, paymentIntentId), cause })
    const reevaluated = await reevaluateRefund(db, request)
    return 'pending' in reevaluated ? refundAtStripe(deps, reevaluated) : reevaluated
  }
  const outcome = await readRefundRequest(db, id, requestId)
  if ('pending' in outcome) throw new Error(`Refund request ${requestId} of ${id} was executed but has no outcome`)
  return outcome
}

/** Returns the outcome of a recorded refund request. Refunds at Stripe first if there is no outcome yet. */
export const executeRefundRequest = async (deps: PurchaseActivityDeps, id: string, requestId: string): Promise<RefundOutcome> => {
  const request = await readRefundRequest(deps.db, id, requestId)
  return 'pending' in request ? refundAtStripe(deps, request) : request
}
