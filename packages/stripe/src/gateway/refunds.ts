import type { RefundSnapshot } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { refundRequestKey } from '../metadata.ts'
import { refundSnapshot } from '../snapshots.ts'
import { idempotentWrite } from './idempotent-write.ts'
import { listAll } from './pagination.ts'
import { respondedAt } from './responded-at.ts'

export interface RefundParams {
  purchaseId: string
  requestId: string
  paymentIntentId: string
  /** In minor units. */
  amount: number
  reason: Stripe.RefundCreateParams.Reason
}

const listRefunds = async (stripe: Stripe, paymentIntentId: string): Promise<RefundSnapshot[]> => {
  const found = await listAll((page) => stripe.refunds.list({ payment_intent: paymentIntentId, limit: 100, ...page }))
  return found.map(({ item, observedAt }) => refundSnapshot(item, observedAt)).filter((snapshot) => snapshot !== null)
}

export const refundCalls = (stripe: Stripe) => ({
  listRefunds: (paymentIntentId: string): Promise<RefundSnapshot[]> => listRefunds(stripe, paymentIntentId),

  /** Creates one refund per `requestId`, even if the call is repeated. */
  createRefund: ({ purchaseId, requestId, paymentIntentId, amount, reason }: RefundParams): Promise<RefundSnapshot> =>
    idempotentWrite(
      ['refund', purchaseId, requestId, String(amount)],
      async (idempotencyKey) => {
        const metadata = { payToViewPurchaseId: purchaseId, [refundRequestKey]: requestId }
        const refund = await stripe.refunds.create(
          { payment_intent: paymentIntentId, amount, reason, metadata },
          { idempotencyKey },
        )
        const snapshot = refundSnapshot(refund, respondedAt(refund))
        if (!snapshot) throw new Error(`Stripe's refund ${refund.id} has no payment intent`)
        return snapshot
      },
      async () => (await listRefunds(stripe, paymentIntentId)).find((refund) => refund.requestId === requestId) ?? null,
    ),
})
