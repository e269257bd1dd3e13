import { idOfReference } from '@pay-to-view/stripe'
import type Stripe from 'stripe'
import type { ParsedEvent } from '../parsed-event.ts'

/** A charge was refunded, fully or partially. The event does not list the refunds, so the purchase fetches them. */
export const chargeRefunded = ({ data: { object: charge } }: Stripe.ChargeRefundedEvent): ParsedEvent => ({
  objectId: charge.id,
  purchaseId: null,
  site: null,
  paymentIntentId: idOfReference(charge.payment_intent),
  snapshots: [],
  needsRefresh: true,
})
