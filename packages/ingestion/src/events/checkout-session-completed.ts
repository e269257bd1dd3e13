import type Stripe from 'stripe'
import { type ParsedEvent, parseSession } from '../parsed-event.ts'

/** The customer completed the checkout. With a delayed payment method, the payment is still processing. */
export const checkoutSessionCompleted = ({ data, created }: Stripe.CheckoutSessionCompletedEvent): ParsedEvent =>
  parseSession(data.object, created)
