import type Stripe from 'stripe'
import { type ParsedEvent, parseRefund } from '../parsed-event.ts'

/** A refund was created, by us or in the Stripe dashboard. */
export const refundCreated = ({ data, created }: Stripe.RefundCreatedEvent): ParsedEvent => parseRefund(data.object, created)
