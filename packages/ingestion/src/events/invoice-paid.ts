import { purchaseIdIn, siteIn } from '@pay-to-view/stripe'
import type Stripe from 'stripe'
import type { ParsedEvent } from '../parsed-event.ts'

/**
 * Stripe may create the invoice after the checkout is complete. The purchase fetches the invoice's number and URLs with the checkout
 * session.
 */
export const invoicePaid = ({ data: { object: invoice } }: Stripe.InvoicePaidEvent): ParsedEvent => ({
  objectId: invoice.id,
  purchaseId: purchaseIdIn(invoice.metadata),
  site: siteIn(invoice.metadata),
  paymentIntentId: null,
  snapshots: [],
  needsRefresh: true,
})
