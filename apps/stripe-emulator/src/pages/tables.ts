import { type Html, html } from '../html.ts'
import { amountText } from '../model/money.ts'
import type { World } from '../world.ts'
import { badge, link, when } from './pieces.ts'

/** The dashboard's lists: a title, the columns, and the newest rows first. */
export interface Table {
  title: string
  columns: string[]
  rows: (world: World) => Generator<Html[]>
}

const money = (amount: number | null, currency: string | null): Html => html`${amountText(amount ?? 0, currency ?? 'usd')}`

export const TABLES: Record<string, Table> = {
  sessions: {
    title: 'Checkout sessions',
    columns: ['Session', 'What', 'Amount', 'Status', 'Payment', 'Created'],
    *rows({ store }) {
      for (const session of store.sessions.newest())
        yield [
          link(session.id),
          html`${store.sessionDetails.get(session.id)?.line_items[0]?.description}`,
          money(session.amount_total, session.currency),
          badge(session.status),
          badge(session.payment_status),
          when(session.created),
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
          money(intent.amount, intent.currency),
          money(store.charges.get(intent.latest_charge ?? '')?.amount_refunded ?? 0, intent.currency),
          badge(intent.status),
          when(intent.created),
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
          money(refund.amount, refund.currency),
          badge(refund.status),
          when(refund.created),
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
          money(dispute.amount, dispute.currency),
          html`${dispute.reason}`,
          badge(dispute.status),
          when(dispute.created),
        ]
    },
  },
  customers: {
    title: 'Customers',
    columns: ['Customer', 'Email', 'Name', 'Created'],
    *rows({ store }) {
      for (const customer of store.customers.newest())
        yield [link(customer.id), html`${customer.email}`, html`${customer.name}`, when(customer.created)]
    },
  },
  events: {
    title: 'Events',
    columns: ['Event', 'Type', 'Waiting webhooks', 'Created'],
    *rows({ store }) {
      for (const event of store.events.newest())
        yield [link(event.id), html`<code>${event.type}</code>`, html`${event.pending_webhooks}`, when(event.created)]
    },
  },
  deliveries: {
    title: 'Webhook deliveries',
    columns: ['Event', 'Type', 'To', 'Status', 'Attempts', 'Answer', 'Created'],
    *rows({ store }) {
      for (const delivery of store.deliveries.newest())
        yield [
          link(delivery.event),
          html`<code>${delivery.event_type}</code>`,
          html`<code>${delivery.url}</code>`,
          badge(delivery.status),
          html`${delivery.attempts}`,
          html`${delivery.error ?? delivery.response_status}`,
          when(delivery.created / 1000),
        ]
    },
  },
}
