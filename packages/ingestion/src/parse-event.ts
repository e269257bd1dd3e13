import type Stripe from 'stripe'
import { chargeDisputeClosed } from './events/charge-dispute-closed.ts'
import { chargeDisputeCreated } from './events/charge-dispute-created.ts'
import { chargeDisputeFundsReinstated } from './events/charge-dispute-funds-reinstated.ts'
import { chargeDisputeFundsWithdrawn } from './events/charge-dispute-funds-withdrawn.ts'
import { chargeDisputeUpdated } from './events/charge-dispute-updated.ts'
import { chargeRefunded } from './events/charge-refunded.ts'
import { checkoutSessionAsyncPaymentFailed } from './events/checkout-session-async-payment-failed.ts'
import { checkoutSessionAsyncPaymentSucceeded } from './events/checkout-session-async-payment-succeeded.ts'
import { checkoutSessionCompleted } from './events/checkout-session-completed.ts'
import { checkoutSessionExpired } from './events/checkout-session-expired.ts'
import { invoicePaid } from './events/invoice-paid.ts'
import { refundCreated } from './events/refund-created.ts'
import { refundFailed } from './events/refund-failed.ts'
import { refundUpdated } from './events/refund-updated.ts'
import type { ParsedEvent } from './parsed-event.ts'

/** The handler of each event type. A webhook endpoint has to be subscribed to all of these types. */
const eventHandlers = {
  'checkout.session.completed': checkoutSessionCompleted,
  'checkout.session.async_payment_succeeded': checkoutSessionAsyncPaymentSucceeded,
  'checkout.session.async_payment_failed': checkoutSessionAsyncPaymentFailed,
  'checkout.session.expired': checkoutSessionExpired,
  'charge.refunded': chargeRefunded,
  'refund.created': refundCreated,
  'refund.updated': refundUpdated,
  'refund.failed': refundFailed,
  'charge.dispute.created': chargeDisputeCreated,
  'charge.dispute.updated': chargeDisputeUpdated,
  'charge.dispute.closed': chargeDisputeClosed,
  'charge.dispute.funds_withdrawn': chargeDisputeFundsWithdrawn,
  'charge.dispute.funds_reinstated': chargeDisputeFundsReinstated,
  'invoice.paid': invoicePaid,
} satisfies { [Type in Stripe.Event['type']]?: (event: Extract<Stripe.Event, { type: Type }>) => ParsedEvent }

export type EventType = keyof typeof eventHandlers
type EventOf<Type extends EventType> = Extract<Stripe.Event, { type: Type }>

/** If an event was not sent by Stripe, its type might not be a string. */
const isEventType = (type: unknown): type is EventType => typeof type === 'string' && Object.hasOwn(eventHandlers, type)
const isHandled = (event: Stripe.Event): event is EventOf<EventType> => isEventType(event.type)

export const eventTypes: readonly EventType[] = Object.keys(eventHandlers).filter(isEventType)

const handle = <Type extends EventType>(type: Type, event: EventOf<Type>): ParsedEvent => {
  const handlers: { [Each in EventType]: (event: EventOf<Each>) => ParsedEvent } = eventHandlers
  return handlers[type](event)
}

/** Returns null for an event type without a handler. */
export const parseEvent = (event: Stripe.Event): ParsedEvent | null => (isHandled(event) ? handle(event.type, event) : null)
