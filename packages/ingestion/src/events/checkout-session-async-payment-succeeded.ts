import type Stripe from 'stripe'
import { type ParsedEvent, parseSession } from '../parsed-event.ts'

/** A delayed payment succeeded. */
export const checkoutSessionAsyncPaymentSucceeded = ({
  data,
  created,
}: Stripe.CheckoutSessionAsyncPaymentSucceededEvent): ParsedEvent => parseSession(data.object, created)
