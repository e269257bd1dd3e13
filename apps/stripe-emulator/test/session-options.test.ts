import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { filmItem, rejection, startTestEmulator } from './harness.ts'

const filmWith = (
  product_data: Partial<Stripe.Checkout.SessionCreateParams.LineItem.PriceData.ProductData>,
): Stripe.Checkout.SessionCreateParams.LineItem => ({
  quantity: 1,
  price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu', ...product_data } },
})

const STREAMED_VIDEO = 'txcd_10402000'

describe('currency', () => {
  test('must be the currency of the prices', async () => {
    const { newSession } = await startTestEmulator()
    expect(await newSession({ currency: 'usd' })).toMatchObject({ currency: 'usd' })
    expect(await rejection(newSession({ currency: 'eur' }))).toMatchObject({
      statusCode: 400,
      message: "The price specified only supports `usd`. This doesn't match the expected currency: `eur`.",
    })
  })

  test('a currency that Stripe does not support is rejected', async () => {
    const { newSession } = await startTestEmulator()
    const line_items = [{ ...filmItem, price_data: { ...filmItem.price_data, currency: 'xxx' } }]
    const error = await rejection(newSession({ line_items: JSON.parse(JSON.stringify(line_items)) }))
    expect(error).toMatchObject({ statusCode: 400, param: 'line_items[0][price_data][currency]' })
    expect(error.message).toMatch(/^Invalid currency: xxx\. Stripe currently supports these currencies: usd, aed,/)
  })
})

describe('customer_creation', () => {
  test('always: the customer is created at payment, and belongs to the session, the payment and the charge', async () => {
    const { stripe, newSession, pay, eventTypes } = await startTestEmulator()
    const { id, customer } = await newSession({ customer_creation: 'always' })
    expect(customer).toBeNull()
    await pay(id, { email: 'alice@example.com', name: 'Alice' })
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['customer', 'payment_intent.latest_charge'] })
    const created = typeof session.customer === 'object' ? session.customer?.id : undefined
    expect(session).toMatchObject({
      customer: { object: 'customer', email: 'alice@example.com', name: 'Alice' },
      payment_intent: { customer: created, latest_charge: { customer: created } },
    })
    expect((await eventTypes())[0]).toBe('customer.created')
  })

  test('always: a second attempt uses the same customer', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id } = await newSession({ customer_creation: 'always' })
    await pay(id, { card: '4000000000000002' })
    await pay(id)
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  test('if_required, the default: the buyer remains a guest', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id, customer_creation } = await newSession()
    await pay(id, { email: 'alice@example.com' })
    expect([customer_creation, (await stripe.customers.list()).data]).toEqual(['if_required', []])
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({
      customer: null,
      customer_details: { email: 'alice@example.com' },
    })
  })

  test('is rejected together with customer', async () => {
    const { stripe, newSession } = await startTestEmulator()
    const { id } = await stripe.customers.create()
    expect(await rejection(newSession({ customer: id, customer_creation: 'always' }))).toMatchObject({
      code: 'parameters_exclusive',
    })
  })
})

describe('product_data.tax_code', () => {
  test('becomes the product’s tax code', async () => {
    const { newSession } = await startTestEmulator()
    const session = await newSession({
      line_items: [filmWith({ tax_code: STREAMED_VIDEO })],
      expand: ['line_items.data.price.product'],
    })
    expect(session.line_items?.data[0]?.price).toMatchObject({ product: { tax_code: STREAMED_VIDEO } })
  })

  test('is rejected if it is invalid', async () => {
    const { newSession } = await startTestEmulator()
    expect(await rejection(newSession({ line_items: [filmWith({ tax_code: 'video' })] }))).toMatchObject({
      statusCode: 400,
      message: "No such tax code: 'video'",
    })
  })
})

describe('an account with Managed Payments on by default', () => {
  test('a session without tax codes is rejected, with Stripe’s message', async () => {
    const { newSession, stripe } = await startTestEmulator({ managedPayments: true })
    const error = await rejection(newSession())
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError', param: 'line_items[0]' })
    expect(error.message).toMatch(/^Invalid line_items\[0\]: the product tax code is missing\./)
    expect(error.message).toContain('which is enabled by default on your account')
    expect((await stripe.products.list()).data).toEqual([])
    expect(await rejection(newSession({ line_items: [filmWith({ tax_code: 'txcd_99999999' })] }))).toMatchObject({
      statusCode: 400,
    })
  })

  test('with managed_payments[enabled]=false the buyer pays the price', async () => {
    const { newSession, pay, stripe } = await startTestEmulator({ managedPayments: true })
    const { id, managed_payments } = await newSession({ managed_payments: { enabled: false } })
    expect(managed_payments).toEqual({ enabled: false })
    await pay(id)
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ amount_total: 499, payment_status: 'paid' })
  })

  test('with a tax code the buyer pays more than the price, because tax is added', async () => {
    const { newSession, pay, stripe } = await startTestEmulator({ managedPayments: true })
    const session = await newSession({ line_items: [filmWith({ tax_code: STREAMED_VIDEO })] })
    expect(session).toMatchObject({
      managed_payments: { enabled: true },
      automatic_tax: { enabled: true, status: 'requires_location_inputs' },
      amount_total: 499,
    })
    await pay(session.id)
    expect(await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent', 'line_items'] })).toMatchObject({
      amount_subtotal: 499,
      amount_total: 549,
      total_details: { amount_tax: 50, amount_discount: 0 },
      payment_intent: { amount: 549, amount_received: 549, managed_payments: { enabled: true } },
      line_items: { data: [{ amount_subtotal: 499, amount_tax: 50, amount_total: 549 }] },
    })
  })

  test('the helper turns Managed Payments on or off, and a reset restores the initial setting', async () => {
    const { newSession, helper } = await startTestEmulator()
    await newSession()
    expect((await helper('/settings', { managed_payments: true })).body).toMatchObject({ managed_payments: true })
    expect(await rejection(newSession())).toMatchObject({ statusCode: 400 })
    await helper('/reset')
    expect((await helper('/settings', {}, 'GET')).body).toMatchObject({ managed_payments: false })
    await newSession()
  })

  test('managed_payments[enabled]=true has the same rules on any account', async () => {
    const { newSession } = await startTestEmulator()
    const error = await rejection(newSession({ managed_payments: { enabled: true } }))
    expect(error.message).toContain('tax code is missing')
    expect(error.message).not.toContain('by default on your account.')
  })
})

test('payment_intent_data.shipping is the shipping of the payment and the charge', async () => {
  const { createPaidSession } = await startTestEmulator()
  const { intent, charge } = await createPaidSession('4242424242424242', {
    payment_intent_data: { shipping: { name: 'Alice', address: { line1: '1 Main Street', country: 'US' } } },
  })
  const shipping = { name: 'Alice', address: { line1: '1 Main Street', city: null, country: 'US' }, phone: null }
  expect([intent, charge]).toMatchObject([{ shipping }, { shipping }])
})

describe('line items', () => {
  const items = Array.from({ length: 5 }, (_, i) => ({ ...filmItem, quantity: i + 1 }))

  test('are listed in order, page by page in both directions', async () => {
    const { stripe, newSession } = await startTestEmulator()
    const { id } = await newSession({ line_items: items })
    const page = async (params: Stripe.Checkout.SessionListLineItemsParams) => {
      const { data, has_more } = await stripe.checkout.sessions.listLineItems(id, params)
      return { quantities: data.map(({ quantity }) => quantity), has_more, ids: data.map((item) => item.id) }
    }
    const first = await page({ limit: 2 })
    expect(first).toMatchObject({ quantities: [1, 2], has_more: true })
    const second = await page({ limit: 2, starting_after: first.ids[1] })
    expect(second).toMatchObject({ quantities: [3, 4], has_more: true })
    expect(await page({ limit: 2, starting_after: second.ids[1] })).toMatchObject({ quantities: [5], has_more: false })
    expect(await page({ limit: 2, ending_before: second.ids[1] })).toMatchObject({ quantities: [2, 3], has_more: true })
    expect(await page({ limit: 3, ending_before: second.ids[1] })).toMatchObject({ quantities: [1, 2, 3], has_more: false })
    const all: (number | null)[] = []
    for await (const { quantity } of stripe.checkout.sessions.listLineItems(id, { limit: 2 })) all.push(quantity)
    expect(all).toEqual([1, 2, 3, 4, 5])
  })

  test('an unknown cursor, and both cursors at once, are rejected', async () => {
    const { stripe, newSession } = await startTestEmulator()
    const { id } = await newSession({ line_items: items })
    const list = (params: Stripe.Checkout.SessionListLineItemsParams) =>
      rejection(stripe.checkout.sessions.listLineItems(id, params))
    expect(await list({ starting_after: 'li_unknown' })).toMatchObject({ statusCode: 400, code: 'resource_missing' })
    expect(await list({ starting_after: 'li_1', ending_before: 'li_2' })).toMatchObject({ code: 'parameters_exclusive' })
  })
})
