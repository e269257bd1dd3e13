import type Stripe from 'stripe'
import { type AnyCollection, Collection, type Identified, type OnChange } from './collection.ts'
import { type Change, Journal } from './journal.ts'
import type {
  BalanceTransaction,
  Charge,
  ClockOffset,
  Coupon,
  CouponProducts,
  Customer,
  Delivery,
  Dispute,
  Event,
  IdempotentResponse,
  Invoice,
  InvoicePayment,
  PaidOut,
  PaymentIntent,
  PaymentMethod,
  Payout,
  Price,
  Product,
  PromotionCode,
  Refund,
  RestrictedKey,
  Session,
  SessionDetails,
  Task,
  TaxRegistration,
  TaxSettings,
  WebhookEndpoint,
} from './objects.ts'

type RecordedChange = { collection: AnyCollection; id: string; before: Identified | undefined; after: Identified | undefined }

/**
 * The emulator's state. All changes are made in transactions. The changes in a `transaction` are either all applied, in memory and in the
 * journal, or all rolled back.
 */
export class Store {
  #changes: RecordedChange[] | undefined
  #journal: Journal | undefined
  #all: AnyCollection[] = []

  customers = this.#collection<Customer>('customers', { email: (c) => c.email })
  deletedCustomers = this.#collection<Stripe.DeletedCustomer>('deleted_customers')
  sessions = this.#collection<Session>('sessions', { payment_intent: (s) => s.payment_intent, customer: (s) => s.customer })
  sessionDetails = this.#collection<SessionDetails>('session_details')
  paymentIntents = this.#collection<PaymentIntent>('payment_intents', { customer: (p) => p.customer })
  paymentMethods = this.#collection<PaymentMethod>('payment_methods')
  charges = this.#collection<Charge>('charges', { payment_intent: (c) => c.payment_intent, customer: (c) => c.customer })
  refunds = this.#collection<Refund>('refunds', { payment_intent: (r) => r.payment_intent, charge: (r) => r.charge })
  disputes = this.#collection<Dispute>('disputes', { payment_intent: (d) => d.payment_intent, charge: (d) => d.charge })
  balanceTransactions = this.#collection<BalanceTransaction>('balance_transactions', { source: (b) => b.source })
  payouts = this.#collection<Payout>('payouts')
  paidOut = this.#collection<PaidOut>('paid_out', { payout: (p) => p.payout })
  products = this.#collection<Product>('products')
  prices = this.#collection<Price>('prices', { product: (p) => (typeof p.product === 'string' ? p.product : null) })
  coupons = this.#collection<Coupon>('coupons')
  couponProducts = this.#collection<CouponProducts>('coupon_products')
  promotionCodes = this.#collection<PromotionCode>('promotion_codes', {
    code: (p) => p.code.toLowerCase(),
    coupon: (p) => String(p.promotion.coupon),
  })
  invoices = this.#collection<Invoice>('invoices', { customer: (i) => (typeof i.customer === 'string' ? i.customer : null) })
  invoicePayments = this.#collection<InvoicePayment>('invoice_payments', {
    invoice: (p) => (typeof p.invoice === 'string' ? p.invoice : null),
  })
  restrictedKeys = this.#collection<RestrictedKey>('restricted_keys')
  taxSettings = this.#collection<TaxSettings>('tax_settings')
  taxRegistrations = this.#collection<TaxRegistration>('tax_registrations')
  events = this.#collection<Event>('events', {
    type: (e) => e.type,
    undelivered: (e) => (e.pending_webhooks > 0 ? 'yes' : null),
    object: (e) => (isIdentified(e.data.object) ? e.data.object.id : null),
  })
  webhookEndpoints = this.#collection<WebhookEndpoint>('webhook_endpoints')
  deliveries = this.#collection<Delivery>('deliveries', { event: (d) => d.event, status: (d) => d.status })
  tasks = this.#collection<Task>('tasks')
  idempotency = this.#collection<IdempotentResponse>('idempotency')
  clock = this.#collection<ClockOffset>('clock')

  #collection<T extends Identified>(
    name: string,
    indexes: Record<string, (item: T) => string | null | undefined> = {},
  ): Collection<T> {
    const onChange: OnChange = (id, before, after) => {
      if (!this.#changes) throw new Error(`${name} was changed outside a transaction`)
      this.#changes.push({ collection, id, before, after })
    }
    const collection = new Collection<T>(name, onChange, indexes)
    this.#all.push(collection)
    return collection
  }

  /** `run` must be synchronous, because the transaction is atomic only if no other code runs in between. */
  transaction<T>(run: () => T): T {
    if (this.#changes) throw new Error('transactions cannot be nested')
    const changes: RecordedChange[] = []
    this.#changes = changes
    try {
      const result = run()
      if (this.#journal && changes.length > 0)
        this.#journal.append(changes.map(({ collection, id, after }): Change => [collection.name, id, after ?? null]))
      return result
    } catch (error) {
      for (const { collection, id, before } of changes.reverse()) collection.set(id, before)
      throw error
    } finally {
      this.#changes = undefined
    }
  }

  /** Finds an API object of any type by its id. */
  find(id: string): Identified | undefined {
    for (const name of API_COLLECTIONS) {
      const found = this[name].get(id)
      if (found) return found
    }
    return undefined
  }

  async openJournal(path: string, keep: (collection: string, item: Identified) => boolean): Promise<void> {
    const byName = new Map(this.#all.map((collection) => [collection.name, collection]))
    const apply = ([name, id, after]: Change) => byName.get(name)?.set(id, isIdentified(after) ? after : undefined)
    const all = this.#all
    this.#journal = await Journal.open(path, apply, function* () {
      for (const collection of all)
        for (const item of [...collection.values()])
          if (keep(collection.name, item)) yield [collection.name, item.id, item]
          else collection.set(item.id, undefined)
    })
  }

  /** Deletes every object for which `keep` returns false. */
  reset(keep: (collection: string, item: Identified) => boolean): void {
    this.transaction(() => {
      for (const collection of this.#all)
        for (const item of [...collection.values()]) if (!keep(collection.name, item)) collection.remove(item.id)
    })
  }

  close(): void {
    this.#journal?.close()
    this.#journal = undefined
  }
}

const API_COLLECTIONS = [
  'customers',
  'deletedCustomers',
  'sessions',
  'paymentIntents',
  'paymentMethods',
  'charges',
  'refunds',
  'disputes',
  'balanceTransactions',
  'payouts',
  'products',
  'prices',
  'coupons',
  'promotionCodes',
  'invoices',
  'invoicePayments',
  'taxRegistrations',
  'events',
  'webhookEndpoints',
] as const

const isIdentified = (value: unknown): value is Identified => typeof value === 'object' && value !== null && 'id' in value
