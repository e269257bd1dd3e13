import type Stripe from 'stripe'
import { type ParsedEvent, parseDispute } from '../parsed-event.ts'

/** The disputed amount was withdrawn from our balance. */
export const chargeDisputeFundsWithdrawn = ({ data, created }: Stripe.ChargeDisputeFundsWithdrawnEvent): ParsedEvent =>
  parseDispute(data.object, created)
