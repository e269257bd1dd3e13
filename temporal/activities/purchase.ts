import {
  applyFacts as applyToLedger,
  type Db,
  failRefund,
  loadView,
  type PendingRefund,
  PurchaseNotFound,
  readCheckout,
  readFacts,
  readRefundRequest,
  recordRefundRequest,
  reevaluateRefund,
} from '@pay-to-view/db'
import { factsOf, isActiveRefund, type Snapshot } from '@pay-to-view/purchase'
import { isDefiniteRejection, isMissing, rejectionSnapshot, type StripeGateway, storedCheckoutRequest } from '@pay-to-view/stripe'
import type { ApplyFactsInput, PurchaseView, RefundOutcome } from '@pay-to-view/workflow-client/types'
import { ApplicationFailure } from '@temporalio/common'
import type { PurchaseActivities } from './types.ts'

export interface PurchaseActivityDeps {
  db: Db
  stripe: StripeGateway
  /** Told of every purchase that something has changed on. */
  onPurchaseChange?: (view: PurchaseView) => void
}

/** A purchase that does not exist is not tried again. */
const orFail = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof PurchaseNotFound) throw ApplicationFailure.nonRetryable(error.message, 'PurchaseNotFound')
    throw error
  }
}

export const createPurchaseActivities = ({ db, stripe, onPurchaseChange: onMoved }: PurchaseActivityDeps): PurchaseActivities => {
  const applyFacts = async (application: ApplyFactsInput): Promise<PurchaseView> => {
    const view = await applyToLedger(db, application)
    if (view.change) onMoved?.(view)
    return view
  }

  /** Everything that Stripe knows about a payment: the checkout that led to it, its refunds and its disputes. */
  const lookAtPayment = async (payment: string): Promise<Snapshot[]> => {
    try {
      const [sessions, refunds, disputes] = await Promise.all([
        stripe.sessionsOf(payment),
        stripe.refundsOf(payment),
        stripe.disputesOf(payment),
      ])
      return [...sessions, ...refunds, ...disputes]
    } catch (error) {
      // One that this account does not have tells nothing, however often it is asked about.
      if (isMissing(error)) return []
      throw error
    }
  }

  /** A checkout, and where it was paid what became of the money. */
  const followUp = async (checkout: Snapshot[]): Promise<Snapshot[]> => {
    const paid = checkout.find((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
    return paid ? [...checkout, ...(await lookAtPayment(paid.id))] : checkout
  }

  /** Our checkout and every other that was told of: one can be made by hand in Stripe's dashboard. */
  const lookAtCheckouts = async (id: string): Promise<Snapshot[]> => {
    const { facts, sessionId } = await orFail(readFacts(db, id))
    const sessions = new Set(factsOf(facts, 'session').map((session) => session.id))
    if (sessionId !== null) sessions.add(sessionId)
    const found = await Promise.all([...sessions].map(async (session) => followUp(await stripe.lookAtCheckout(session))))
    return found.flat()
  }

  /**
   * The checkout's session, for a row that has none the one that its request makes: the answer to an earlier request may have been lost.
   * A request that Stripe refuses for good made none.
   */
  const sessionOf = async (id: string): Promise<{ sessionId: string } | { refusal: Snapshot }> => {
    const { sessionId, checkoutRequest } = await readCheckout(db, id)
    if (sessionId !== null) return { sessionId }
    try {
      return await stripe.createCheckout(id, storedCheckoutRequest.parse(checkoutRequest))
    } catch (error) {
      if (!isDefiniteRejection(error)) throw error
      return { refusal: rejectionSnapshot(id, error) }
    }
  }

  const carryOut = async ({ order }: PendingRefund): Promise<RefundOutcome> => {
    const { purchaseId: id, requestId, payment, amount, reason, by } = order
    const cause = requestId.startsWith('duplicate-')
      ? ({ kind: 'duplicate_payment', paymentIntentId: payment } as const)
      : ({ kind: 'admin_refund', by, requestId, reason } as const)
    try {
      // An earlier try may have reached Stripe longer ago than Stripe keeps idempotency keys (24 hours): look first.
      const made = (await stripe.refundsOf(payment)).find((candidate) => candidate.requestId === requestId)
      const refund =
        made ??
        (await stripe.createRefund({
          purchaseId: id,
          requestId,
          payment,
          amount,
          reason: reason === 'duplicate' || reason === 'fraudulent' ? reason : 'requested_by_customer',
        }))
      const snapshots = [...(await stripe.refundsOf(payment)), refund]
      if (isActiveRefund(refund))
        await applyFacts({ id, snapshots, cause, completesRefundRequest: { requestId, refundId: refund.id } })
      else {
        await applyFacts({ id, snapshots, cause })
        await failRefund(db, order)
      }
      return await answered(id, requestId)
    } catch (error) {
      if (!isDefiniteRejection(error)) throw error
      // What Stripe says of the payment now names the reason better than its error.
      await applyFacts({ id, snapshots: await lookAtPayment(payment), cause })
      const again = await reevaluateRefund(db, order)
      return 'order' in again ? await carryOut(again) : again
    }
  }

  const answered = async (id: string, requestId: string): Promise<RefundOutcome> => {
    const request = await readRefundRequest(db, id, requestId)
    if ('order' in request) throw new Error(`Refund request ${requestId} of ${id} was carried out and is not answered`)
    return request
  }

  return {
    loadPurchase: (id) => orFail(loadView(db, id)),
    applyFacts: (application) => orFail(applyFacts(application)),

    refreshFromStripe: async ({ payment, ...application }) => {
      const found = payment === null ? await lookAtCheckouts(application.id) : await lookAtPayment(payment)
      return orFail(applyFacts({ ...application, snapshots: [...application.snapshots, ...found] }))
    },

    expireCheckout: async ({ id, cause }) => {
      const session = await orFail(sessionOf(id))
      const found = 'refusal' in session ? [session.refusal] : await followUp(await stripe.expireCheckout(session.sessionId))
      return applyFacts({ id, snapshots: found, cause })
    },

    recordRefundRequest: async ({ id, wish }) => {
      const request = await orFail(recordRefundRequest(db, id, wish))
      return { outcome: 'order' in request ? null : request, view: await loadView(db, id) }
    },

    executeRefund: async ({ id, requestId }) => {
      const request = await readRefundRequest(db, id, requestId)
      const outcome = 'order' in request ? await carryOut(request) : request
      return { outcome, view: await loadView(db, id) }
    },
  }
}
