import type Stripe from 'stripe'
import { type ParsedEvent, parseRefund } from '../parsed-event.ts'

/** The status or the metadata of a refund changed. */
export const refundUpdated = ({ data, created }: Stripe.RefundUpdatedEvent): ParsedEvent => parseRefund(data.object, created)
