import type Stripe from 'stripe'
import { type ParsedEvent, parseSession } from '../parsed-event.ts'

/** A delayed payment failed. */
export const checkoutSessionAsyncPaymentFailed = ({
  data,
  created,
}: Stripe.CheckoutSessionAsyncPaymentFailedEvent): ParsedEvent => parseSession(data.object, created, { paymentFailed: true })
