import type Stripe from 'stripe'
import { type ParsedEvent, parseDispute } from '../parsed-event.ts'

/** The disputed amount was returned to our balance. */
export const chargeDisputeFundsReinstated = ({ data, created }: Stripe.ChargeDisputeFundsReinstatedEvent): ParsedEvent =>
  parseDispute(data.object, created)
