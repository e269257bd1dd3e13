import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { listObject } from '../http/lists.ts'
import { fullAddress } from '../http/params.ts'
import { newId } from '../ids.ts'
import type {
  Customer,
  Invoice,
  InvoiceLine,
  LineItem,
  LineTax,
  PaymentIntent,
  PaymentMethod,
  Session,
  SessionDetails,
} from '../store/objects.ts'
import { ACCOUNT_NAME } from './account-name.ts'
import { breakdownOf } from './totals.ts'

export const getInvoice = (account: Account, id: string): Invoice => {
  const invoice = account.store.invoices.get(id)
  if (!invoice) throw resourceMissing('invoice', id)
  return invoice
}

/**
 * Creates the paid invoice of a session with `invoice_creation`. Stripe does not document whether a free order gets an invoice; in the
 * emulator, it does.
 */
export const createPaidInvoice = (
  account: Account,
  session: Session,
  billing: PaymentMethod['billing_details'],
  intent: PaymentIntent | null,
): Invoice | undefined => {
  const details = account.store.sessionDetails.get(session.id)
  const customer = account.store.customers.get(session.customer ?? '')
  if (!session.invoice_creation?.enabled || !details || !customer) return undefined
  const id = newId('invoice')
  const sequence = customer.next_invoice_sequence ?? 1
  account.store.customers.put({ ...customer, next_invoice_sequence: sequence + 1 })
  const invoice = account.store.invoices.put({
    ...blankInvoice(account, id),
    ...amountsOf(session, details),
    ...buyerOf(customer, billing, details),
    ...customization(session),
    automatic_tax: { disabled_reason: null, ...session.automatic_tax },
    currency: session.currency ?? 'usd',
    discounts: details.discount ? [details.discount.id] : [],
    lines: listObject(
      details.line_items.map((line) => invoiceLine(account, id, line, details)),
      false,
      `/v1/invoices/${id}/lines`,
    ),
    number: `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`,
  })
  if (intent) addPayment(account, invoice, intent)
  for (const type of ['invoice.created', 'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded'] as const)
    account.emit(type, invoice)
  return invoice
}

/** Returns a paid invoice without amounts, which the caller adds. */
const blankInvoice = (
  account: Account,
  id: string,
): Omit<Invoice, 'currency' | 'lines' | 'number' | 'customer' | keyof ReturnType<typeof amountsOf>> => {
  const now = account.nowSeconds()
  const url = `${account.settings.url}/i/${id}`
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: ACCOUNT_NAME,
    account_tax_ids: null,
    amount_overpaid: 0,
    amount_paid_off_stripe: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: true,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    created: now,
    custom_fields: null,
    customer_account: null,
    customer_address: null,
    customer_email: null,
    customer_name: null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: now,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: url,
    invoice_pdf: `${url}/pdf`,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: now,
    period_start: now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'paid',
    status_transitions: { finalized_at: now, marked_uncollectible_at: null, paid_at: now, voided_at: null },
    test_clock: null,
    webhooks_delivered_at: now,
  }
}

/** Returns the amounts of an invoice. `subtotal` contains inclusive tax, but the amounts "excluding tax" do not. */
const amountsOf = (session: Session, details: SessionDetails) => {
  const total = session.amount_total ?? 0
  const { taxes, discounts } = breakdownOf(details)
  const inclusive = taxes.filter(({ rate }) => rate.inclusive).reduce((sum, { amount }) => sum + amount, 0)
  return {
    amount_due: total,
    amount_paid: total,
    subtotal: session.amount_subtotal ?? 0,
    subtotal_excluding_tax: (session.amount_subtotal ?? 0) - inclusive,
    total,
    total_discount_amounts: discounts.map(({ amount, discount }) => ({ amount, discount: discount.id })),
    total_excluding_tax: total - (session.total_details?.amount_tax ?? 0),
    total_pretax_credit_amounts: [],
    total_taxes: taxes.map(invoiceTax),
  }
}

const buyerOf = (customer: Customer, billing: PaymentMethod['billing_details'], { location }: SessionDetails) => ({
  customer: customer.id,
  customer_address: location ? fullAddress({ country: location.country }) : (customer.address ?? null),
  customer_email: billing.email ?? customer.email,
  customer_name: billing.name ?? customer.name ?? null,
  customer_tax_ids: location?.tax_id ? [location.tax_id] : [],
})

const customization = ({ invoice_creation }: Session): Partial<Invoice> => {
  const { custom_fields, description, footer, metadata, rendering_options } = invoice_creation?.invoice_data ?? {}
  return {
    custom_fields: custom_fields ?? null,
    description: description ?? null,
    footer: footer ?? null,
    metadata: metadata ?? {},
    rendering: rendering_options
      ? { amount_tax_display: rendering_options.amount_tax_display, pdf: null, template: null, template_version: null }
      : null,
  }
}

const invoiceTax = ({ amount, rate, taxability_reason, taxable_amount }: LineTax) => ({
  amount,
  tax_behavior: rate.inclusive ? ('inclusive' as const) : ('exclusive' as const),
  tax_rate_details: { tax_rate: rate.id },
  taxability_reason: taxability_reason ?? 'not_available',
  taxable_amount,
  type: 'tax_rate_details' as const,
})

const invoiceLine = (
  account: Account,
  invoice: string,
  { amount_subtotal, amount_discount, currency, description, price, quantity, id }: LineItem,
  { discount, taxes }: SessionDetails,
): InvoiceLine => {
  const tax = taxes?.[id]
  return {
    id: newId('invoice_line'),
    object: 'line_item',
    amount: amount_subtotal,
    currency,
    description,
    discount_amounts: discount ? [{ amount: amount_discount, discount: discount.id }] : [],
    discountable: true,
    discounts: [],
    invoice,
    livemode: false,
    metadata: {},
    parent: null,
    period: { end: account.nowSeconds(), start: account.nowSeconds() },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product: String(price.product) },
      type: 'price_details',
      unit_amount_decimal: price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: quantity === null ? null : String(quantity),
    subscription: null,
    subtotal: amount_subtotal,
    taxes: tax ? [invoiceTax(tax)] : [],
  }
}

const addPayment = (account: Account, { id, total, currency }: Invoice, { id: payment_intent }: PaymentIntent) =>
  account.store.invoicePayments.put({
    id: newId('invoice_payment'),
    object: 'invoice_payment',
    amount_paid: total,
    amount_requested: total,
    created: account.nowSeconds(),
    currency,
    invoice: id,
    is_default: true,
    livemode: false,
    payment: { payment_intent, type: 'payment_intent' },
    status: 'paid',
    status_transitions: { canceled_at: null, paid_at: account.nowSeconds() },
  })
