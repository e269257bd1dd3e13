import {
  failRefund,
  type PendingFreeOrderRefund,
  type PendingOutcome,
  type PendingRefund,
  readRefundRequest,
  reevaluateRefund,
} from '@pay-to-view/db'
import { isActiveRefund, type RefundSnapshot } from '@pay-to-view/purchase'
import { isDefiniteRejection, type StripeGateway } from '@pay-to-view/stripe'
import type { ChangeCause, RefundOutcome } from '@pay-to-view/workflow-client/types'
import { applyFacts, type PurchaseActivityDeps } from './apply-facts.ts'
import { fetchPaymentSnapshots } from './fetch-snapshots.ts'

type PendingRefundRequest = PendingRefund['pending']

const causeOf = ({ pending }: PendingOutcome): ChangeCause => {
  const { requestId, reason, by } = pending
  if (!requestId.startsWith('duplicate-')) return { kind: 'admin_refund', by, requestId, reason }
  return 'freeOrderId' in pending
    ? { kind: 'duplicate_free_order', freeOrderId: pending.freeOrderId }
    : { kind: 'duplicate_payment', paymentIntentId: pending.paymentIntentId }
}

/** First searches for an earlier attempt's refund, because Stripe forgets idempotency keys after 24 hours. */
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

/** Creates the refund in Stripe and applies the result. */
const refundAtStripe = async (deps: PurchaseActivityDeps, { pending: request }: PendingRefund): Promise<RefundOutcome> => {
  const { db, stripe } = deps
  const { purchaseId: id, requestId, paymentIntentId } = request
  const cause = causeOf({ pending: request })
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
  return readExecutedRequest(db, id, requestId)
}

/** Stripe has no payment to refund, so a fact of our own ends the access. */
const takeFreeOrderBack = async (deps: PurchaseActivityDeps, request: PendingFreeOrderRefund): Promise<RefundOutcome> => {
  const { purchaseId: id, requestId, freeOrderId } = request.pending
  const observedAt = Math.floor(Date.now() / 1000)
  const snapshots = [{ kind: 'free_order_refund' as const, id: freeOrderId, requestId, observedAt }]
  await applyFacts(deps, { id, snapshots, cause: causeOf(request), completesRefundRequest: { requestId, refundId: null } })
  return readExecutedRequest(deps.db, id, requestId)
}

const readExecutedRequest = async (db: PurchaseActivityDeps['db'], id: string, requestId: string): Promise<RefundOutcome> => {
  const outcome = await readRefundRequest(db, id, requestId)
  if ('pending' in outcome) throw new Error(`Refund request ${requestId} of ${id} was executed but has no outcome`)
  return outcome
}

const isRefundOfFreeOrder = (request: PendingOutcome): request is PendingFreeOrderRefund => 'freeOrderId' in request.pending

/** Returns the outcome of a recorded refund request. Executes it first if there is no outcome yet. */
export const executeRefundRequest = async (deps: PurchaseActivityDeps, id: string, requestId: string): Promise<RefundOutcome> => {
  const request = await readRefundRequest(deps.db, id, requestId)
  if (!('pending' in request)) return request
  return isRefundOfFreeOrder(request) ? takeFreeOrderBack(deps, request) : refundAtStripe(deps, request)
}
