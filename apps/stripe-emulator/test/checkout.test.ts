import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { filmItem, rejection, startTestEmulator } from './harness.ts'

describe('creating a checkout session', () => {
  test('an embedded page has a client secret, no url, and no payment intent yet', async () => {
    const { newSession } = await startTestEmulator()
    const session = await newSession({ metadata: { payToViewPurchaseId: 'ptv_1' }, client_reference_id: 'ref' })
    expect(session).toMatchObject({
      object: 'checkout.session',
      ui_mode: 'embedded_page',
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      url: null,
      amount_total: 499,
      currency: 'usd',
      livemode: false,
      metadata: { payToViewPurchaseId: 'ptv_1' },
      client_reference_id: 'ref',
      redirect_on_completion: 'never',
    })
    // Client secrets are percent-encoded, as in Stripe.
    expect(session.client_secret).toMatch(new RegExp(`^${session.id}_secret_fid\\w+%2F\\w+%2B\\w+%3D$`))
    expect(session.id).toMatch(/^cs_test_/)
    expect(session.expires_at - session.created).toBe(86_400)
    expect(session.lastResponse.headers).toMatchObject({
      'stripe-version': '2026-10-28.endive',
      'request-id': expect.stringMatching(/^req_/),
    })
  })

  test('the default is a hosted page with a url', async () => {
    const { stripe, emulator } = await startTestEmulator()
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/done?s={CHECKOUT_SESSION_ID}',
      line_items: [filmItem, { ...filmItem, quantity: 2 }],
    })
    expect(session).toMatchObject({ ui_mode: 'hosted_page', client_secret: null, amount_total: 3 * 499 })
    expect(session.url).toBe(`${emulator.url}/c/pay/${session.id}`)
  })

  test('all changes of a request have the same time, even if time passes during the request', async () => {
    let ms = Date.now()
    const { newSession, createPaidSession, stripe } = await startTestEmulator({ now: () => (ms += 400) })
    const session = await newSession()
    expect(session.expires_at - session.created).toBe(86_400)
    await createPaidSession()
    expect(new Set((await stripe.events.list()).data.map(({ created }) => created)).size).toBe(1)
  })

  test('an existing price can be a line item', async () => {
    const { stripe, newSession } = await startTestEmulator()
    const product = await stripe.products.create({ name: 'Metropolis' })
    const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 700 })
    const session = await newSession({ line_items: [{ price: price.id, quantity: 1 }] })
    const lines = await stripe.checkout.sessions.listLineItems(session.id, { expand: ['data.price.product'] })
    expect(session).toMatchObject({ amount_total: 700, currency: 'eur', payment_method_types: ['card', 'sepa_debit'] })
    expect(lines.data[0]).toMatchObject({ description: 'Metropolis', price: { id: price.id, product: { name: 'Metropolis' } } })
    expect(lines.data[0]?.price?.unit_amount_decimal?.toString()).toBe('700')
  })
})

describe('an invalid checkout session', () => {
  const nowSeconds = () => Math.floor(Date.now() / 1000)
  const invalid: [name: string, params: object, message: RegExp, code?: string, param?: string][] = [
    [
      'payment_method_types',
      { payment_method_types: ['card'] },
      /unknown parameter: payment_method_types/,
      'parameter_unknown',
      'payment_method_types',
    ],
    [
      'an unknown nested parameter',
      { line_items: [{ ...filmItem, prise: 1 }] },
      /line_items\[0\]\[prise\]/,
      'parameter_unknown',
      'line_items[0][prise]',
    ],
    ['redirect_on_completion never with return_url', { return_url: 'https://a.example/' }, /return_url/, undefined, 'return_url'],
    [
      'an embedded page without return_url',
      { redirect_on_completion: 'always' },
      /Missing required param: return_url/,
      'parameter_missing',
    ],
    ['success_url on an embedded page', { success_url: 'https://a.example/' }, /hosted_page/, undefined, 'success_url'],
    [
      'a ui_mode of an old API version',
      { ui_mode: 'embedded' },
      /must be one of elements, embedded_page, form, or hosted_page/,
      undefined,
      'ui_mode',
    ],
    [
      'an unsupported mode',
      { mode: 'subscription' },
      /session in `subscription` mode is not supported by the emulator/,
      undefined,
      'mode',
    ],
    ['no line items', { line_items: undefined }, /Missing required param: line_items/, 'parameter_missing', 'line_items'],
    [
      'no quantity',
      { line_items: [{ price_data: filmItem.price_data }] },
      /quantity/,
      'parameter_missing',
      'line_items[0][quantity]',
    ],
    [
      'a quantity that is not an integer',
      { line_items: [{ quantity: 'x', price_data: filmItem.price_data }] },
      /Invalid integer: x/,
      'parameter_invalid_integer',
    ],
    [
      'an amount below Stripe’s minimum',
      { line_items: [{ quantity: 1, price_data: { ...filmItem.price_data, unit_amount: 49 } }] },
      /at least 50/,
      'amount_too_small',
    ],
    ['an expiry in 29 minutes', { expires_at: nowSeconds() + 29 * 60 }, /at least 30 minutes/, undefined, 'expires_at'],
    ['an expiry in 25 hours', { expires_at: nowSeconds() + 25 * 3600 }, /less than 24 hours/, undefined, 'expires_at'],
    ['an unknown customer', { customer: 'cus_unknown' }, /No such customer: 'cus_unknown'/, 'resource_missing', 'customer'],
    ['an invalid email', { customer_email: 'nobody' }, /Invalid email address: nobody/, 'email_invalid', 'customer_email'],
    [
      '51 metadata keys',
      { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) },
      /more than 50 keys/,
      undefined,
      'metadata',
    ],
    ['a metadata key of 41 characters', { metadata: { ['k'.repeat(41)]: 'v' } }, /up to 40 characters/, undefined, 'metadata'],
    ['a metadata value of 501 characters', { metadata: { k: 'v'.repeat(501) } }, /up to 500 characters/, undefined, 'metadata'],
    [
      'an invalid URL',
      { redirect_on_completion: 'always', return_url: 'nowhere' },
      /Not a valid URL/,
      'url_invalid',
      'return_url',
    ],
  ]
  test.each(invalid)('%s is rejected', async (_case, params, message, code, param) => {
    const { newSession, stripe } = await startTestEmulator()
    const error = await rejection(newSession(params))
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, code, ...(param && { param }) })
    expect(error.message).toMatch(message)
    expect(error.requestId).toMatch(/^req_/)
    expect((await stripe.checkout.sessions.list()).data).toEqual([])
  })
})

describe('expiry of a checkout session', () => {
  test('expiring a session emits checkout.session.expired; expiring it again is rejected with its status', async () => {
    const { stripe, newSession, eventTypes } = await startTestEmulator()
    const { id } = await newSession()
    expect(await stripe.checkout.sessions.expire(id)).toMatchObject({ status: 'expired', client_secret: null })
    expect(await eventTypes()).toEqual(['checkout.session.expired'])
    const error = await rejection(stripe.checkout.sessions.expire(id))
    expect(error.message).toBe(
      'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `expired`.',
    )
  })

  test('a complete session cannot be expired, and the message names its status', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    const { session } = await createPaidSession()
    const error = await rejection(stripe.checkout.sessions.expire(session))
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' })
    expect(error.message).toContain('status of `complete`')
  })

  test('a session expires by the clock, with an event without a request, and its declined payment intent is canceled', async () => {
    const { stripe, newSession, pay, helper } = await startTestEmulator()
    const { id } = await newSession({ expires_at: Math.floor(Date.now() / 1000) + 31 * 60 })
    await pay(id, { card: '4000000000000002' })
    await helper('/clock/advance', { seconds: 30 * 60 })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'open' })
    await helper('/clock/advance', { seconds: 2 * 60 })
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })
    expect(session).toMatchObject({ status: 'expired', payment_status: 'unpaid', payment_intent: { status: 'canceled' } })
    const [event] = (await stripe.events.list({ type: 'checkout.session.expired' })).data
    expect(event?.request).toEqual({ id: null, idempotency_key: null })
    const { date } = session.lastResponse.headers
    expect(Date.parse(String(date)) - Date.now()).toBeGreaterThan(31 * 60_000)
  })

  test('the helper expires a session as the clock would', async () => {
    const { newSession, helper, eventTypes } = await startTestEmulator()
    const { id } = await newSession()
    expect((await helper(`/checkout/sessions/${id}/expire`)).body).toMatchObject({ status: 'expired' })
    expect(await eventTypes()).toEqual(['checkout.session.expired'])
  })
})

describe('listing sessions', () => {
  test('sessions are listed newest first, in pages, filtered by customer, payment intent and status', async () => {
    const { stripe, newSession, createPaidSession } = await startTestEmulator()
    const alice = await stripe.customers.create({ email: 'alice@example.com' })
    const first = await newSession({ customer: alice.id })
    const second = await createPaidSession('4242424242424242', { customer: alice.id })
    const third = await newSession()
    const ids = async (params: Stripe.Checkout.SessionListParams) =>
      (await stripe.checkout.sessions.list(params)).data.map(({ id }) => id)
    expect(await ids({})).toEqual([third.id, second.session, first.id])
    expect(await ids({ customer: alice.id })).toEqual([second.session, first.id])
    expect(await ids({ customer: alice.id, status: 'open' })).toEqual([first.id])
    expect(await ids({ payment_intent: second.intent.id })).toEqual([second.session])
    expect(await ids({ payment_intent: 'pi_unknown' })).toEqual([])
    const page = await stripe.checkout.sessions.list({ limit: 2 })
    expect(page).toMatchObject({ has_more: true, url: '/v1/checkout/sessions' })
    expect(await ids({ limit: 2, starting_after: second.session })).toEqual([first.id])
    expect(await ids({ limit: 1, ending_before: first.id })).toEqual([second.session])
    expect(await ids({ limit: 1, ending_before: first.id, customer: alice.id })).toEqual([second.session])
  })

  test.each([{ limit: 0 }, { limit: 101 }, { starting_after: 'cs_unknown' }, { status: 'closed' }])(
    '%o is rejected',
    async (params) => {
      const { stripe } = await startTestEmulator()
      expect(await rejection(stripe.checkout.sessions.list(params))).toMatchObject({ statusCode: 400 })
    },
  )
})
