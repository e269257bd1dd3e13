import type Stripe from 'stripe'

/**
 * An object as it is stored. References are ids, which `expand` replaces only in responses, so `Stored<Stripe.Charge>['payment_intent']` is
 * `string | null`. Stored objects are immutable, and a change stores a new object, so an event can use the current object as its snapshot.
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

/** A decimal is a string in the API; stripe-node parses it into its Decimal class. */
export type Price = Omit<Stored<Stripe.Price>, 'unit_amount_decimal'> & { unit_amount_decimal: string | null }
export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price }

/** A session's line items, and the data for its future payment intent. Stripe's session object contains neither of these. */
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
  /** The tax by line item. Stripe returns the tax only if it is expanded. */
  taxes?: Record<string, LineTax>
  /** Which details from the form are saved to an existing customer. */
  customer_update?: { address?: 'auto' | 'never' | undefined; name?: 'auto' | 'never' | undefined }
}

export type LineTax = Stripe.LineItem.Tax

/** The buyer's location and, for a business, the tax id. Both determine the tax. */
export interface BuyerLocation {
  country: string
  tax_id: { type: Stripe.Checkout.Session.CustomerDetails.TaxId.Type; value: string } | null
}

/** The tax settings, stored with an id, which Stripe's object does not have. */
export type TaxSettings = Pick<Stripe.Tax.Settings, 'defaults' | 'head_office'> & { id: string }
export type TaxRegistration = Stripe.Tax.Registration

/** Decimals are strings in the API; stripe-node parses them into its Decimal class. */
export type InvoiceLine = Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> & {
  pricing: { price_details: { price: string; product: string }; type: 'price_details'; unit_amount_decimal: string | null }
  quantity_decimal: string | null
}
export type Invoice = Omit<Stored<Stripe.Invoice>, 'lines'> & {
  lines: { object: 'list'; url: string; has_more: boolean; data: InvoiceLine[] }
}
export type InvoicePayment = Stored<Stripe.InvoicePayment>

/** A restricted API key. `id` is the key itself. */
export interface RestrictedKey {
  id: string
  permissions: Partial<Record<string, 'read' | 'write'>>
}

/**
 * The payout that contains a balance transaction. `id` is the id of the transaction, because Stripe's object has no field for the
 * payout.
 */
export interface PaidOut {
  id: string
  payout: string
}

/** The products to which a coupon applies. Stripe includes the products only if they are expanded. */
export interface CouponProducts {
  id: string
  applies_to: { products: string[] }
}

/** The API returns `secret` only once, when the endpoint is created. */
export type WebhookEndpoint = Stored<Stripe.WebhookEndpoint> & { secret: string }

export type EventType = Stripe.Event['type']
export type Event = Omit<Stripe.EventBase, 'data' | 'type'> & {
  type: EventType
  data: { object: object; previous_attributes?: Record<string, unknown> }
}

/** The delivery of one event to one endpoint. Times are on the emulator's clock, in milliseconds. */
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

/** The response that is stored under an idempotency key. `created` is in seconds. */
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
