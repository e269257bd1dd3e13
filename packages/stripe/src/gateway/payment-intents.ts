import type Stripe from 'stripe'
import { purchaseIdIn } from '../metadata.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'

export interface PaymentIntent {
  status: Stripe.PaymentIntent.Status
  /** Minor units received. */
  amount: number
  currency: string
  /** Minor units, as the charge has them; the refunds themselves are authoritative. */
  refunded: number
}

const readPurchaseId = async (stripe: Stripe, paymentIntentId: string): Promise<string | null> => {
  const intent = await stripe.paymentIntents.retrieve(paymentIntentId)
  const purchaseId = purchaseIdIn(intent.metadata)
  if (purchaseId !== null) return purchaseId
  // A session that was created in the Stripe dashboard may have our metadata although its payment intent does not.
  const sessions = await stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 })
  return purchaseIdIn(sessions.data[0]?.metadata)
}

export const paymentIntentCalls = (stripe: Stripe) => ({
  /** Returns null for a payment intent that Stripe does not know. */
  fetchPaymentIntent: async (paymentIntentId: string): Promise<PaymentIntent | null> => {
    const intent = await orNullIfMissing(stripe.paymentIntents.retrieve(paymentIntentId, { expand: ['latest_charge'] }))
    if (intent === null) return null
    const { status, amount_received: amount, currency, latest_charge: charge } = intent
    return { status, amount, currency, refunded: (typeof charge === 'string' ? null : charge)?.amount_refunded ?? 0 }
  },

  /** Returns the id of the purchase that the metadata of a payment intent or of its session names; null if there is none. */
  findPurchaseId: (paymentIntentId: string): Promise<string | null> => orNullIfMissing(readPurchaseId(stripe, paymentIntentId)),
})
