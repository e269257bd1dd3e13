import type Stripe from 'stripe'
import { type ParsedEvent, parseDispute } from '../parsed-event.ts'

/** A dispute changed, for example because a lost dispute is appealed. */
export const chargeDisputeUpdated = ({ data, created }: Stripe.ChargeDisputeUpdatedEvent): ParsedEvent =>
  parseDispute(data.object, created)
