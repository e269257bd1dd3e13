import type Stripe from 'stripe'
import { type ParsedEvent, parseDispute } from '../parsed-event.ts'

/** The cardholder's bank opened a dispute or an inquiry. */
export const chargeDisputeCreated = ({ data, created }: Stripe.ChargeDisputeCreatedEvent): ParsedEvent =>
  parseDispute(data.object, created)
