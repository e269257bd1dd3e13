import type Stripe from 'stripe'

/**
 * An object as it is kept and sent: references are ids, never expanded objects (`expand` puts those in when an answer is made).
 * So `Stored<Stripe.Charge>['payment_intent']` is `string | null`. What is stored is never changed in place: a change puts a new
 * object, therefore an event may keep the old one as its snapshot.
 */
export type Stored<T> = { [K in keyof T]: Exclude<T[K], { id: string; object: string }> }

export type Customer = Stored<Stripe.Customer>
export type Session = Stored<Stripe.Checkout.Session>
export type PaymentIntent = Stored<Stripe.PaymentIntent>
export type PaymentMethod = Stored<Stripe.PaymentMethod>
export type Charge = Stored<Stripe.Charge>
export type Refund = Stored<Stripe.Refund>
export type Dispute = Stored<Stripe.Dispute>
export type BalanceTransaction = Stored<Stripe.BalanceTransaction>
export type Product = Stored<Stripe.Product>

/** stripe-node turns this string into its Decimal class when it reads the answer. */
export type Price = Omit<Stored<Stripe.Price>, 'unit_amount_decimal'> & { unit_amount_decimal: string | null }
export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price }

/** The lines of one session, and what its payment intent shall get: Stripe keeps both out of the session object. */
export interface SessionDetails {
  id: string
  line_items: LineItem[]
  payment_intent_data: { metadata: Record<string, string>; description: string | null; receipt_email: string | null }
}

/** `secret` is answered once, at creation. */
export type WebhookEndpoint = Stored<Stripe.WebhookEndpoint> & { secret: string }

export type EventType = Stripe.Event['type']
export type Event = Omit<Stripe.EventBase, 'data' | 'type'> & {
  type: EventType
  data: { object: object; previous_attributes?: Record<string, unknown> }
}

/** One event on its way to one endpoint. Times in milliseconds of the emulator's clock. */
export interface Delivery {
  id: string
  event: string
  event_type: EventType
  endpoint: string
  url: string
  status: 'pending' | 'succeeded' | 'failed' | 'dropped'
  attempts: number
  next_attempt_at: number | null
  response_status: number | null
  error: string | null
  created: number
}

/** Something that happens by itself later; `at` in milliseconds of the emulator's clock. */
export interface Task {
  id: string
  at: number
  kind:
    | 'session.expire'
    | 'payment.settle'
    | 'refund.succeed'
    | 'refund.fail'
    | 'dispute.win'
    | 'dispute.lose'
    | 'dispute.escalate'
  object: string
}

/** The answer kept under an Idempotency-Key; `created` in seconds. */
export interface IdempotentAnswer {
  id: string
  request: string
  endpoint: string
  status: number
  body: unknown
  created: number
}

export interface ClockOffset {
  id: 'clock'
  offset: number
}
