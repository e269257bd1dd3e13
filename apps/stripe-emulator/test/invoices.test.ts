import { describe, expect, test } from 'vitest'
import { startTestEmulator } from './harness.ts'

const invoice_creation = {
  enabled: true,
  invoice_data: { metadata: { purchase: 'p1' }, custom_fields: [{ name: 'Purchase', value: 'p1' }], footer: 'Thank you' },
}

describe('a session with invoice_creation', () => {
  test('has a paid invoice with a number, lines, a page and a PDF before the session is completed', async () => {
    const { stripe, newSession, pay, eventTypes } = await startTestEmulator()
    const { id } = await newSession({ invoice_creation })
    await pay(id, { email: 'alice@example.com', name: 'Alice', country: 'DE' })
    const { invoice, customer, payment_intent } = await stripe.checkout.sessions.retrieve(id)
    const found = await stripe.invoices.retrieve(String(invoice), { expand: ['payments'] })
    expect(found).toMatchObject({
      object: 'invoice',
      status: 'paid',
      billing_reason: 'manual',
      customer,
      customer_email: 'alice@example.com',
      customer_address: { country: 'DE' },
      amount_paid: 499,
      amount_due: 499,
      subtotal: 499,
      total: 499,
      metadata: { purchase: 'p1' },
      custom_fields: [{ name: 'Purchase', value: 'p1' }],
      footer: 'Thank you',
      number: expect.stringMatching(/^[A-Z0-9]{8}-0001$/),
      lines: { data: [{ description: 'Nosferatu', amount: 499, quantity: 1 }] },
      payments: { data: [{ payment: { payment_intent, type: 'payment_intent' }, status: 'paid' }] },
    })
    const page = await fetch(String(found.hosted_invoice_url))
    expect(await page.text()).toContain(String(found.number))
    const pdf = await fetch(String(found.invoice_pdf))
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    expect((await pdf.text()).slice(0, 5)).toBe('%PDF-')
    expect((await eventTypes()).filter((type) => /invoice|completed/.test(type))).toEqual([
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'checkout.session.completed',
    ])
  })

  test('gets its invoice later with the invoice_delay_seconds setting, and later events contain the invoice', async () => {
    const { stripe, newSession, pay, helper, eventTypes } = await startTestEmulator()
    await helper('/settings', { invoice_delay_seconds: 60 })
    const { id } = await newSession({ invoice_creation })
    await pay(id)
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'complete', invoice: null })
    await helper('/clock/advance', { seconds: 60 })
    const { invoice } = await stripe.checkout.sessions.retrieve(id, { expand: ['invoice'] })
    expect(invoice).toMatchObject({ status: 'paid', total: 499, metadata: { purchase: 'p1' } })
    const types = (await eventTypes()).filter((type) => /invoice.paid|completed/.test(type))
    expect(types).toEqual(['checkout.session.completed', 'invoice.paid'])
  })

  test('numbers the invoices of a customer', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id: customer } = await stripe.customers.create()
    for (let i = 0; i < 2; i++) await pay((await newSession({ customer, invoice_creation })).id)
    const { data } = await stripe.invoices.list({ customer })
    expect(data.map(({ number }) => number?.split('-')[1])).toEqual(['0002', '0001'])
  })

  test('shows the discount and the tax', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    await stripe.tax.settings.update({ head_office: { address: { country: 'DE' } } })
    await stripe.tax.registrations.create({ country: 'DE', active_from: 'now', country_options: { de: { type: 'standard' } } })
    const { id: coupon } = await stripe.coupons.create({ percent_off: 50 })
    const price_data = {
      currency: 'eur',
      unit_amount: 1000,
      tax_behavior: 'exclusive' as const,
      product_data: { name: 'Nosferatu' },
    }
    const { id } = await newSession({
      invoice_creation,
      line_items: [{ quantity: 1, price_data }],
      discounts: [{ coupon }],
      automatic_tax: { enabled: true },
    })
    await pay(id, { country: 'DE' })
    const { invoice } = await stripe.checkout.sessions.retrieve(id, { expand: ['invoice'] })
    expect(invoice).toMatchObject({
      subtotal: 1000,
      total: 595,
      total_excluding_tax: 500,
      total_discount_amounts: [{ amount: 500 }],
      total_taxes: [{ amount: 95, tax_behavior: 'exclusive' }],
    })
  })

  test('gets an invoice for a free order, too, without a payment', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id: coupon } = await stripe.coupons.create({ percent_off: 100 })
    const { id } = await newSession({ invoice_creation, discounts: [{ coupon }] })
    await pay(id)
    const { invoice } = await stripe.checkout.sessions.retrieve(id)
    expect(await stripe.invoices.retrieve(String(invoice), { expand: ['payments'] })).toMatchObject({
      total: 0,
      status: 'paid',
      payments: { data: [] },
    })
  })

  test('gets its invoice when a bank debit has settled', async () => {
    const { stripe, newSession, pay, helper } = await startTestEmulator()
    const { id } = await newSession({ invoice_creation })
    const { body } = await pay(id, { method: 'us_bank_account' })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'unpaid', invoice: null })
    await helper(`/payment_intents/${body.session?.payment_intent}/settle`)
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['invoice'] })).toMatchObject({
      payment_status: 'paid',
      invoice: { total: 499 },
    })
  })
})

test('a charge has a receipt page, and the e-mail address that the receipt is sent to', async () => {
  const { createPaidSession } = await startTestEmulator()
  const { charge } = await createPaidSession('4242424242424242', { payment_intent_data: { receipt_email: 'alice@example.com' } })
  expect(charge.receipt_email).toBe('alice@example.com')
  const page = await fetch(String(charge.receipt_url))
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('4.99 USD')
})
