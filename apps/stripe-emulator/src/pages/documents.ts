import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { formatAmount } from '../model/money.ts'
import type { Charge, Invoice } from '../store/objects.ts'
import { sendPage } from './page.ts'
import { textPdf } from './pdf.ts'

/** Registers the pages that Stripe hosts for the buyer: an invoice, the invoice PDF, and the receipt of a charge. */
export const registerDocuments = (app: FastifyInstance, account: Account): void => {
  app.get<{ Params: { id: string } }>('/i/:id', async ({ params: { id } }, reply) => {
    const invoice = account.store.invoices.get(id)
    return invoice
      ? sendPage(reply, `Invoice ${invoice.number}`, invoicePage(invoice))
      : sendPage(reply, 'Invoice not found', documentPage('Invoice not found', html``), { status: 404 })
  })
  app.get<{ Params: { id: string } }>('/i/:id/pdf', async ({ params: { id } }, reply) => {
    const invoice = account.store.invoices.get(id)
    if (!invoice) return sendPage(reply, 'Invoice not found', documentPage('Invoice not found', html``), { status: 404 })
    return reply
      .type('application/pdf')
      .header('content-disposition', `attachment; filename="Invoice-${invoice.number}.pdf"`)
      .send(textPdf(linesOf(invoice).map(([label, value]) => (value === undefined ? label : `${label}: ${value}`))))
  })
  app.get<{ Params: { id: string } }>('/receipts/:id', async ({ params: { id } }, reply) => {
    const charge = account.store.charges.get(id)
    return charge
      ? sendPage(reply, 'Receipt', receiptPage(charge))
      : sendPage(reply, 'Receipt not found', documentPage('Receipt not found', html``), { status: 404 })
  })
}

type Line = [label: string, value?: string]

const date = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

const linesOf = (invoice: Invoice): Line[] => {
  const amount = (value: number) => formatAmount(value, invoice.currency)
  const discount = invoice.total_discount_amounts?.reduce((sum, one) => sum + one.amount, 0) ?? 0
  return [
    ['Stripe emulator: no real money moves'],
    ['Invoice', invoice.number ?? ''],
    ['Date', date(invoice.created)],
    ['From', invoice.account_name ?? ''],
    ['To', [invoice.customer_name, invoice.customer_email, invoice.customer_address?.country].filter(Boolean).join(', ')],
    ...(invoice.customer_tax_ids ?? []).map(({ value }): Line => ['Tax ID', value ?? '']),
    ...(invoice.custom_fields ?? []).map(({ name, value }): Line => [name, value]),
    ...invoice.lines.data.map((line): Line => [`${line.quantity} × ${line.description}`, amount(line.amount)]),
    ['Subtotal', amount(invoice.subtotal)],
    ...(discount > 0 ? [['Discount', amount(-discount)] satisfies Line] : []),
    ...(invoice.total_taxes ?? []).map((tax): Line => [`Tax (${tax.tax_behavior})`, amount(tax.amount)]),
    ['Total', amount(invoice.total)],
    ['Amount paid', amount(invoice.amount_paid)],
    ...[invoice.description, invoice.footer].flatMap((text): Line[] => (text ? [[text]] : [])),
  ]
}

const documentPage = (title: string, content: Html): Html =>
  html`<body><main class="checkout"><div class="panel"><h1>${title}</h1>${content}</div></main></body>`

const definitionList = (lines: Line[]): Html =>
  html`<dl class="totals">${lines.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`

const invoicePage = (invoice: Invoice): Html =>
  documentPage(
    `Invoice ${invoice.number}`,
    html`<p><span class="badge good">paid</span></p>${definitionList(linesOf(invoice))}<p><a href="/i/${invoice.id}/pdf">Download the PDF</a></p>`,
  )

const receiptPage = ({
  amount,
  amount_refunded,
  currency,
  created,
  description,
  receipt_email,
  billing_details,
}: Charge): Html => {
  const lines: Line[] = [
    ['Stripe emulator: no real money moves'],
    ['Amount paid', formatAmount(amount, currency)],
    ...(amount_refunded > 0 ? [['Refunded', formatAmount(amount_refunded, currency)] satisfies Line] : []),
    ['Date', date(created)],
    ['For', description ?? ''],
    ['Sent to', receipt_email ?? billing_details.email ?? ''],
  ]
  return documentPage('Receipt', definitionList(lines.filter(([, value]) => value !== '')))
}
