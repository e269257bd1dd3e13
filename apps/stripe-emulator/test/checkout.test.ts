import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { emulated, film, refusal } from './harness.ts'

describe('creating a checkout session', () => {
  test('an embedded page answers a client secret, no url, and no payment intent yet', async () => {
    const { newSession } = await emulated()
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
    expect(session.client_secret).toMatch(new RegExp(`^${session.id}_secret_`))
    expect(session.id).toMatch(/^cs_test_/)
    expect(session.expires_at - session.created).toBe(86_400)
    expect(session.lastResponse.headers).toMatchObject({
      'stripe-version': '2026-10-28.endive',
      'request-id': expect.stringMatching(/^req_/),
    })
  })

  test('the default is a hosted page with a url', async () => {
    const { stripe, emulator } = await emulated()
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/done?s={CHECKOUT_SESSION_ID}',
      line_items: [film, { ...film, quantity: 2 }],
    })
    expect(session).toMatchObject({ ui_mode: 'hosted_page', client_secret: null, amount_total: 3 * 499 })
    expect(session.url).toBe(`${emulator.url}/c/pay/${session.id}`)
  })

  test('what happens together has one time, even when the clock moves on meanwhile', async () => {
    let ms = Date.now()
    const { newSession, paid, stripe } = await emulated({ now: () => (ms += 400) })
    const session = await newSession()
    expect(session.expires_at - session.created).toBe(86_400)
    await paid()
    expect(new Set((await stripe.events.list()).data.map(({ created }) => created)).size).toBe(1)
  })

  test('a price made before can be its line item', async () => {
    const { stripe, newSession } = await emulated()
    const product = await stripe.products.create({ name: 'Metropolis' })
    const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 700 })
    const session = await newSession({ line_items: [{ price: price.id, quantity: 1 }] })
    const lines = await stripe.checkout.sessions.listLineItems(session.id, { expand: ['data.price.product'] })
    expect(session).toMatchObject({ amount_total: 700, currency: 'eur', payment_method_types: ['card', 'sepa_debit'] })
    expect(lines.data[0]).toMatchObject({ description: 'Metropolis', price: { id: price.id, product: { name: 'Metropolis' } } })
    expect(lines.data[0]?.price?.unit_amount_decimal?.toString()).toBe('700')
  })

  const soon = () => Math.floor(Date.now() / 1000)
  const wrong: [what: string, params: object, message: RegExp, code?: string, param?: string][] = [
    [
      'payment_method_types',
      { payment_method_types: ['card'] },
      /unknown parameter: payment_method_types/,
      'parameter_unknown',
      'payment_method_types',
    ],
    [
      'an unknown nested parameter',
      { line_items: [{ ...film, prise: 1 }] },
      /line_items\[0\]\[prise\]/,
      'parameter_unknown',
      'line_items[0][prise]',
    ],
    ['never together with return_url', { return_url: 'https://a.example/' }, /return_url/, undefined, 'return_url'],
    [
      'an embedded page without return_url',
      { redirect_on_completion: 'always' },
      /Missing required param: return_url/,
      'parameter_missing',
    ],
    ['success_url on an embedded page', { success_url: 'https://a.example/' }, /hosted_page/, undefined, 'success_url'],
    [
      'a ui_mode of the past',
      { ui_mode: 'embedded' },
      /must be one of elements, embedded_page, form, or hosted_page/,
      undefined,
      'ui_mode',
    ],
    ['another mode', { mode: 'subscription' }, /only sessions in `payment` mode/, undefined, 'mode'],
    ['no line items', { line_items: undefined }, /Missing required param: line_items/, 'parameter_missing', 'line_items'],
    [
      'no quantity',
      { line_items: [{ price_data: film.price_data }] },
      /quantity/,
      'parameter_missing',
      'line_items[0][quantity]',
    ],
    [
      'an amount that is no integer',
      { line_items: [{ quantity: 'x', price_data: film.price_data }] },
      /Invalid integer: x/,
      'parameter_invalid_integer',
    ],
    [
      'less than Stripe charges',
      { line_items: [{ quantity: 1, price_data: { ...film.price_data, unit_amount: 49 } }] },
      /at least 50/,
      'amount_too_small',
    ],
    ['an expiry in 29 minutes', { expires_at: soon() + 29 * 60 }, /at least 30 minutes/, undefined, 'expires_at'],
    ['an expiry in 25 hours', { expires_at: soon() + 25 * 3600 }, /less than 24 hours/, undefined, 'expires_at'],
    [
      'a customer that does not exist',
      { customer: 'cus_nobody' },
      /No such customer: 'cus_nobody'/,
      'resource_missing',
      'customer',
    ],
    ['a wrong email', { customer_email: 'nobody' }, /Invalid email address: nobody/, 'email_invalid', 'customer_email'],
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
      'a URL that is none',
      { redirect_on_completion: 'always', return_url: 'nowhere' },
      /Not a valid URL/,
      'url_invalid',
      'return_url',
    ],
  ]
  test.each(wrong)('%s is refused', async (_what, params, message, code, param) => {
    const { newSession, stripe } = await emulated()
    const error = await refusal(newSession(params))
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, code, ...(param && { param }) })
    expect(error.message).toMatch(message)
    expect(error.requestId).toMatch(/^req_/)
    expect((await stripe.checkout.sessions.list()).data).toEqual([])
  })
})

describe('the end of an unpaid session', () => {
  test('expiring it emits checkout.session.expired; the second time is refused with its status', async () => {
    const { stripe, newSession, eventTypes } = await emulated()
    const { id } = await newSession()
    expect(await stripe.checkout.sessions.expire(id)).toMatchObject({ status: 'expired', client_secret: null })
    expect(await eventTypes()).toEqual(['checkout.session.expired'])
    const error = await refusal(stripe.checkout.sessions.expire(id))
    expect(error.message).toBe(
      'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `expired`.',
    )
  })

  test('a complete one cannot be expired, and the message says that it is complete', async () => {
    const { stripe, paid } = await emulated()
    const { session } = await paid()
    const error = await refusal(stripe.checkout.sessions.expire(session))
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' })
    expect(error.message).toContain('status of `complete`')
  })

  test('it expires by the clock, with nobody as the cause, and its declined payment is canceled', async () => {
    const { stripe, newSession, pay, helper } = await emulated()
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

  test('the helper expires it as the clock does', async () => {
    const { newSession, helper, eventTypes } = await emulated()
    const { id } = await newSession()
    expect((await helper(`/checkout/sessions/${id}/expire`)).body).toMatchObject({ status: 'expired' })
    expect(await eventTypes()).toEqual(['checkout.session.expired'])
  })
})

describe('listing sessions', () => {
  test('newest first, by customer, payment intent and status, a page at a time', async () => {
    const { stripe, newSession, paid } = await emulated()
    const alice = await stripe.customers.create({ email: 'alice@example.com' })
    const first = await newSession({ customer: alice.id })
    const second = await paid('4242424242424242', { customer: alice.id })
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
    '%o is refused',
    async (params) => {
      const { stripe } = await emulated()
      expect(await refusal(stripe.checkout.sessions.list(params))).toMatchObject({ statusCode: 400 })
    },
  )
})
