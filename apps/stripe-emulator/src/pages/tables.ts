import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { formatAmount } from '../model/money.ts'
import { badge, formatTime, link } from './components.ts'
import { discountText, promotionCodeForm, taxForm } from './money-forms.ts'

/** A dashboard list, whose newest rows come first. */
export interface Table {
  title: string
  columns: string[]
  rows: (account: Account) => Generator<Html[]>
  /** Renders the forms that create entries in this list. */
  forms?: (account: Account) => Html
}

const amount = (amount: number | null, currency: string | null): Html => html`${formatAmount(amount ?? 0, currency ?? 'usd')}`

export const TABLES: Record<string, Table> = {
  sessions: {
    title: 'Checkout sessions',
    columns: ['Session', 'Description', 'Amount', 'Status', 'Payment', 'Created'],
    *rows({ store }) {
      for (const session of store.sessions.newest())
        yield [
          link(session.id),
          html`${store.sessionDetails.get(session.id)?.line_items[0]?.description}`,
          amount(session.amount_total, session.currency),
          badge(session.status),
          badge(session.payment_status),
          formatTime(session.created),
        ]
    },
  },
  payments: {
    title: 'Payments',
    columns: ['Payment intent', 'Customer', 'Amount', 'Refunded', 'Status', 'Created'],
    *rows({ store }) {
      for (const intent of store.paymentIntents.newest())
        yield [
          link(intent.id),
          intent.customer ? link(intent.customer) : html``,
          amount(intent.amount, intent.currency),
          amount(store.charges.get(intent.latest_charge ?? '')?.amount_refunded ?? 0, intent.currency),
          badge(intent.status),
          formatTime(intent.created),
        ]
    },
  },
  refunds: {
    title: 'Refunds',
    columns: ['Refund', 'Payment', 'Amount', 'Status', 'Created'],
    *rows({ store }) {
      for (const refund of store.refunds.newest())
        yield [
          link(refund.id),
          link(refund.payment_intent),
          amount(refund.amount, refund.currency),
          badge(refund.status),
          formatTime(refund.created),
        ]
    },
  },
  disputes: {
    title: 'Disputes',
    columns: ['Dispute', 'Payment', 'Amount', 'Reason', 'Status', 'Created'],
    *rows({ store }) {
      for (const dispute of store.disputes.newest())
        yield [
          link(dispute.id),
          link(dispute.payment_intent),
          amount(dispute.amount, dispute.currency),
          html`${dispute.reason}`,
          badge(dispute.status),
          formatTime(dispute.created),
        ]
    },
  },
  customers: {
    title: 'Customers',
    columns: ['Customer', 'Email', 'Name', 'Created'],
    *rows({ store }) {
      for (const customer of store.customers.newest())
        yield [link(customer.id), html`${customer.email}`, html`${customer.name}`, formatTime(customer.created)]
    },
  },
  promotion_codes: {
    title: 'Promotion codes',
    columns: ['Promotion code', 'Code', 'Discount', 'Redeemed', 'Status', 'Created'],
    *rows({ store }) {
      for (const code of store.promotionCodes.newest())
        yield [
          link(code.id),
          html`<code>${code.code}</code>`,
          html`${discountText(store.coupons.get(String(code.promotion.coupon)))}`,
          html`${code.times_redeemed}${code.max_redemptions !== null && html` of ${code.max_redemptions}`}`,
          badge(code.active ? 'active' : 'inactive'),
          formatTime(code.created),
        ]
    },
    forms: () => promotionCodeForm,
  },
  invoices: {
    title: 'Invoices',
    columns: ['Invoice', 'Number', 'Customer', 'Total', 'Page', 'Created'],
    *rows({ store }) {
      for (const invoice of store.invoices.newest())
        yield [
          link(invoice.id),
          html`${invoice.number}`,
          typeof invoice.customer === 'string' ? link(invoice.customer) : html``,
          amount(invoice.total, invoice.currency),
          html`<a href="/i/${invoice.id}">Open</a>`,
          formatTime(invoice.created),
        ]
    },
  },
  tax_registrations: {
    title: 'Tax registrations',
    columns: ['Registration', 'Country', 'Type', 'Created'],
    *rows({ store }) {
      for (const registration of store.taxRegistrations.newest())
        yield [
          link(registration.id),
          html`${registration.country}`,
          html`${Object.values(registration.country_options)[0]?.type}`,
          formatTime(registration.created),
        ]
    },
    forms: taxForm,
  },
  events: {
    title: 'Events',
    columns: ['Event', 'Type', 'Pending webhooks', 'Created'],
    *rows({ store }) {
      for (const event of store.events.newest())
        yield [link(event.id), html`<code>${event.type}</code>`, html`${event.pending_webhooks}`, formatTime(event.created)]
    },
  },
  deliveries: {
    title: 'Webhook deliveries',
    columns: ['Event', 'Type', 'URL', 'Status', 'Attempts', 'Response', 'Created'],
    *rows({ store }) {
      for (const delivery of store.deliveries.newest())
        yield [
          link(delivery.event),
          html`<code>${delivery.event_type}</code>`,
          html`<code>${delivery.url}</code>`,
          badge(delivery.status),
          html`${delivery.attempts}`,
          html`${delivery.error ?? delivery.response_status}`,
          formatTime(delivery.created / 1000),
        ]
    },
  },
}
