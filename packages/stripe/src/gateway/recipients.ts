import type Stripe from 'stripe'
import { orNullIfMissing } from './or-null-if-missing.ts'

/** The recipient of e-mails about a purchase. Never stored or logged. */
export interface Recipient {
  /** The e-mail address; null if Stripe has none. */
  address: string | null
  /** The URL of Stripe's receipt page. */
  receiptUrl: string | null
  /** The URL of Stripe's invoice page, which the database may not contain yet. */
  invoiceUrl: string | null
}

const expand = ['payment_intent.latest_charge', 'customer', 'invoice']

const receiptOf = (session: Stripe.Checkout.Session): string | null => {
  const intent = session.payment_intent
  const charge = typeof intent === 'object' ? intent?.latest_charge : null
  return typeof charge === 'object' ? (charge?.receipt_url ?? null) : null
}

const invoiceOf = ({ invoice }: Stripe.Checkout.Session): string | null =>
  typeof invoice === 'object' ? (invoice?.hosted_invoice_url ?? null) : null

/** If the customer was deleted, the user was erased: the session still contains the data that the buyer entered, but this data must not be used. */
const addressOf = ({ customer, customer_details }: Stripe.Checkout.Session): string | null => {
  const known = typeof customer === 'object' ? customer : null
  if (known?.deleted) return null
  return customer_details?.email || known?.email || null
}

export const recipientCalls = (stripe: Stripe) => ({
  /** Reads the address that the buyer entered in the checkout, or else the customer's address. */
  fetchRecipient: async (sessionId: string | null, customerId: string | null): Promise<Recipient> => {
    const session = sessionId === null ? null : await orNullIfMissing(stripe.checkout.sessions.retrieve(sessionId, { expand }))
    if (session) return { address: addressOf(session), receiptUrl: receiptOf(session), invoiceUrl: invoiceOf(session) }
    const customer = customerId === null ? null : await orNullIfMissing(stripe.customers.retrieve(customerId))
    return { address: (customer && !customer.deleted && customer.email) || null, receiptUrl: null, invoiceUrl: null }
  },
})
