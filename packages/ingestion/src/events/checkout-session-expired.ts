import type Stripe from 'stripe'
import { type ParsedEvent, parseSession } from '../parsed-event.ts'

/** The checkout expired or was closed without a payment. */
export const checkoutSessionExpired = ({ data, created }: Stripe.CheckoutSessionExpiredEvent): ParsedEvent =>
  parseSession(data.object, created)
