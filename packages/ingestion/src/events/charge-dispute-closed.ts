import type Stripe from 'stripe'
import { type ParsedEvent, parseDispute } from '../parsed-event.ts'

/** A dispute was won or lost, or an inquiry was closed. */
export const chargeDisputeClosed = ({ data, created }: Stripe.ChargeDisputeClosedEvent): ParsedEvent =>
  parseDispute(data.object, created)
