import type Stripe from 'stripe'
import { purchaseIdIn, siteIn } from '../metadata.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'

export interface PaymentIntent {
  status: Stripe.PaymentIntent.Status
  /** The amount received, in minor units. */
  amount: number
  currency: string
  /** The charge's `amount_refunded`, in minor units. If the sum of the refund objects differs, the refund objects are authoritative. */
  refunded: number
}

/** The purchase named in a Stripe object's metadata, and the purchase's site. */
export interface NamedPurchase {
  purchaseId: string
  site: string | null
}

const purchaseNamedIn = (metadata: Parameters<typeof purchaseIdIn>[0]): NamedPurchase | null => {
  const purchaseId = purchaseIdIn(metadata)
  return purchaseId === null ? null : { purchaseId, site: siteIn(metadata) }
}

const findNamedPurchase = async (stripe: Stripe, paymentIntentId: string): Promise<NamedPurchase | null> => {
  const intent = await stripe.paymentIntents.retrieve(paymentIntentId)
  const named = purchaseNamedIn(intent.metadata)
  if (named !== null) return named
  // A session that was created in the Stripe dashboard may have our metadata even if its payment intent has none.
  const sessions = await stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 })
  return purchaseNamedIn(sessions.data[0]?.metadata)
}

export const paymentIntentCalls = (stripe: Stripe) => ({
  /** Returns null for a payment intent that Stripe does not know. */
  fetchPaymentIntent: async (paymentIntentId: string): Promise<PaymentIntent | null> => {
    const intent = await orNullIfMissing(stripe.paymentIntents.retrieve(paymentIntentId, { expand: ['latest_charge'] }))
    if (intent === null) return null
    const { status, amount_received: amount, currency, latest_charge: charge } = intent
    return { status, amount, currency, refunded: (typeof charge === 'string' ? null : charge)?.amount_refunded ?? 0 }
  },

  /** Returns the purchase that the metadata of a payment intent or of its session names; null if none is named. */
  findPurchase: (paymentIntentId: string): Promise<NamedPurchase | null> =>
    orNullIfMissing(findNamedPurchase(stripe, paymentIntentId)),
})
