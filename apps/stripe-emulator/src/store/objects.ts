import type Stripe from 'stripe'

/**
 * An object as it is stored: references are ids, and `expand` replaces them only in responses. So
 * `Stored<Stripe.Charge>['payment_intent']` is `string | null`. Stored objects are immutable: a change stores a new object, so an
 * event can use the current one as its snapshot.
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
export type Payout = Stored<Stripe.Payout>
export type Product = Stored<Stripe.Product>
export type Coupon = Stored<Stripe.Coupon>
export type PromotionCode = Stored<Stripe.PromotionCode>
export type Discount = Stored<Stripe.Discount>

/** stripe-node parses this string into its Decimal class. */
export type Price = Omit<Stored<Stripe.Price>, 'unit_amount_decimal'> & { unit_amount_decimal: string | null }
export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price }

/** A session's line items and the data for its future payment intent: Stripe's session object contains neither. */
export interface SessionDetails {
  id: string
  line_items: LineItem[]
  payment_intent_data: {
    metadata: Record<string, string>
    description: string | null
    receipt_email: string | null
    shipping?: PaymentIntent['shipping']
    statement_descriptor?: string | undefined
    statement_descriptor_suffix?: string | undefined
  }
  discount?: Discount | null
  /** Absent until the buyer's country is known. */
  location?: BuyerLocation
  /** The tax by line item. Stripe returns it only when it is expanded. */
  taxes?: Record<string, LineTax>
  /** Which details from the form are saved to an existing customer. */
  customer_update?: { address?: 'auto' | 'never' | undefined; name?: 'auto' | 'never' | undefined }
}

export type LineTax = Stripe.LineItem.Tax

/** The buyer's location, and the tax id of a business: they determine the tax. */
export interface BuyerLocation {
  country: string
  tax_id: { type: Stripe.Checkout.Session.CustomerDetails.TaxId.Type; value: string } | null
}

/** Stored with an id, which Stripe's object lacks. */
export type TaxSettings = Pick<Stripe.Tax.Settings, 'defaults' | 'head_office'> & { id: string }
export type TaxRegistration = Stripe.Tax.Registration

/** stripe-node parses decimals into its Decimal class. */
export type InvoiceLine = Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> & {
  pricing: { price_details: { price: string; product: string }; type: 'price_details'; unit_amount_decimal: string | null }
  quantity_decimal: string | null
}
export type Invoice = Omit<Stored<Stripe.Invoice>, 'lines'> & {
  lines: { object: 'list'; url: string; has_more: boolean; data: InvoiceLine[] }
}
export type InvoicePayment = Stored<Stripe.InvoicePayment>

/** The id is the key. */
export interface RestrictedKey {
  id: string
  permissions: Partial<Record<string, 'read' | 'write'>>
}

/** The payout that contains a balance transaction; the transaction's id is the key. Stripe's object lacks this field. */
export interface PaidOut {
  id: string
  payout: string
}

/** The products to which a coupon applies. Stripe includes them only on request. */
export interface CouponProducts {
  id: string
  applies_to: { products: string[] }
}

/** `secret` is returned only once, at creation. */
export type WebhookEndpoint = Stored<Stripe.WebhookEndpoint> & { secret: string }

export type EventType = Stripe.Event['type']
export type Event = Omit<Stripe.EventBase, 'data' | 'type'> & {
  type: EventType
  data: { object: object; previous_attributes?: Record<string, unknown> }
}

/** The delivery of one event to one endpoint. Times are in milliseconds of the emulator's clock. */
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

/** A scheduled change to an object; `at` is a time on the emulator's clock, in milliseconds. */
export interface Task {
  id: string
  at: number
  kind:
    | 'session.expire'
    | 'payment.settle'
    | 'invoice.create'
    | 'refund.succeed'
    | 'refund.fail'
    | 'dispute.win'
    | 'dispute.lose'
    | 'dispute.escalate'
    | 'coupon.expire'
    | 'promotion_code.expire'
  object: string
}

/** The response stored under an Idempotency-Key; `created` is in seconds. */
export interface IdempotentResponse {
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
