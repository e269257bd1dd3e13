import type Stripe from 'stripe'
import { type ParsedEvent, parseRefund } from '../parsed-event.ts'

/** A refund failed, possibly days after it had succeeded: the money is back in our balance. */
export const refundFailed = ({ data, created }: Stripe.RefundFailedEvent): ParsedEvent => parseRefund(data.object, created)
