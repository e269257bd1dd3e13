import { describe, expect, test } from 'vitest'
import { rejection, startTestEmulator } from './harness.ts'

describe('a successful card payment', () => {
  test.each(['4242424242424242', '5555555555554444', '378282246310005', '4242 4242 4242 4242'])('%s pays', async (card) => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const customer = await stripe.customers.create({ email: 'alice@example.com', name: 'Alice' })
    const { id } = await newSession({
      customer: customer.id,
      metadata: { a: '1' },
      payment_intent_data: { metadata: { b: '2' } },
    })
    expect(await pay(id, { card })).toMatchObject({
      status: 200,
      body: { outcome: 'paid', session: { status: 'complete', payment_status: 'paid' } },
    })
    const session = await stripe.checkout.sessions.retrieve(id, {
      expand: ['payment_intent.latest_charge.balance_transaction', 'customer'],
    })
    expect(session).toMatchObject({
      status: 'complete',
      client_secret: null,
      metadata: { a: '1' },
      customer: { name: 'Alice' },
      customer_details: { email: 'alice@example.com', name: 'Alice' },
      payment_intent: {
        status: 'succeeded',
        amount_received: 499,
        metadata: { b: '2' },
        latest_charge: {
          status: 'succeeded',
          paid: true,
          refunded: false,
          metadata: { b: '2' },
          payment_method_details: { card: { last4: card.replaceAll(' ', '').slice(-4) } },
          balance_transaction: { amount: 499, fee: 44, net: 455, type: 'charge' },
        },
      },
    })
  })

  test('the events are in chronological order', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    const { session } = await createPaidSession()
    const events = (await stripe.events.list()).data.reverse()
    expect(events.map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ])
    expect(events.at(-1)).toMatchObject({
      object: 'event',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 0,
      request: { id: expect.stringMatching(/^req_/), idempotency_key: null },
      data: { object: { id: session, payment_status: 'paid' } },
    })
    expect(events[0]?.data.object).toMatchObject({ status: 'requires_payment_method' })
  })
})

describe('a declined card payment', () => {
  test.each([
    ['4000000000000002', 'card_declined', 'generic_decline', 'Your card was declined.'],
    ['4000000000009995', 'card_declined', 'insufficient_funds', 'Your card has insufficient funds.'],
    ['4000000000000069', 'expired_card', 'expired_card', 'Your card has expired.'],
    ['4000000000000127', 'incorrect_cvc', 'incorrect_cvc', "Your card's security code is incorrect."],
    ['4000000000000119', 'processing_error', 'processing_error', /An error occurred while processing your card/],
    ['4100000000000019', 'card_declined', 'fraudulent', 'Your card was declined.'],
  ])('%s is declined with %s/%s, and the session can still be paid', async (card, code, decline_code, message) => {
    const { stripe, newSession, pay, eventTypes } = await startTestEmulator()
    const { id } = await newSession()
    const declined = await pay(id, { card })
    expect(declined).toMatchObject({
      status: 402,
      body: { outcome: 'declined', error: { type: 'card_error', code, decline_code, message: expect.stringMatching(message) } },
    })
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] })
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: {
        status: 'requires_payment_method',
        last_payment_error: { code, decline_code },
        latest_charge: { status: 'failed', failure_code: code },
      },
    })
    expect(await eventTypes()).toEqual(['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed'])
    expect(await pay(id)).toMatchObject({ body: { outcome: 'paid' } })
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  test.each([
    [{ card: '4242424242424241' }, 'incorrect_number'],
    [{ card: '' }, 'incorrect_number'],
    [{ exp: '01/20' }, 'invalid_expiry_year'],
    [{ exp: '13/30' }, 'invalid_expiry_month'],
    [{ cvc: '1' }, 'invalid_cvc'],
    [{ card: '4111111111111111' }, 'card_declined'],
  ])('%o is rejected with %s, and no event is created', async (input, code) => {
    const { newSession, pay, eventTypes } = await startTestEmulator()
    const { id } = await newSession()
    expect(await pay(id, input)).toMatchObject({ status: 402, body: { error: { type: 'card_error', code } } })
    expect(await eventTypes()).toEqual([])
  })
})

describe('3D Secure', () => {
  test.each(['4000002760003184', '4000000000003220', '4000000000003063'])(
    '%s requires 3D Secure and pays after it is completed',
    async (card) => {
      const { stripe, newSession, pay, eventTypes } = await startTestEmulator()
      const { id } = await newSession()
      expect(await pay(id, { card })).toMatchObject({
        status: 200,
        body: { outcome: 'requires_action', payment_intent: { status: 'requires_action' } },
      })
      expect(await pay(id, { authenticate: 'complete' })).toMatchObject({ body: { outcome: 'paid' } })
      expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'paid' })
      expect(await eventTypes()).toContain('payment_intent.requires_action')
    },
  )

  test('a failed 3D Secure challenge leaves the session open', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id } = await newSession()
    expect(await pay(id, { authenticate: 'complete' })).toMatchObject({ status: 400 })
    await pay(id, { card: '4000002760003184' })
    expect(await pay(id, { authenticate: 'fail' })).toMatchObject({
      status: 402,
      body: { error: { code: 'payment_intent_authentication_failure' } },
    })
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).toMatchObject({
      status: 'open',
      payment_intent: { status: 'requires_payment_method' },
    })
  })
})

describe('paying a session', () => {
  test('a session is never charged twice, even with eight concurrent payments', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id } = await newSession()
    const responses = await Promise.all(Array.from({ length: 8 }, () => pay(id)))
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)])
    expect(responses.find(({ status }) => status === 400)?.body).toMatchObject({ error: { code: 'checkout_session_complete' } })
    expect((await stripe.charges.list()).data).toHaveLength(1)
  })

  test('an expired session cannot be paid, and a wrong client secret is rejected', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id } = await newSession()
    expect(await pay(id, { client_secret: 'cs_x_secret_y' })).toMatchObject({
      status: 400,
      body: { error: { param: 'client_secret' } },
    })
    await stripe.checkout.sessions.expire(id)
    expect(await pay(id)).toMatchObject({ status: 400, body: { error: { code: 'checkout_session_expired' } } })
    expect(await pay('cs_test_unknown')).toMatchObject({ status: 404 })
  })

  test('a session with amount 0 completes without a payment', async () => {
    const { newSession, pay } = await startTestEmulator()
    const { id } = await newSession({
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 0, product_data: { name: 'Gift' } } }],
    })
    expect(await pay(id)).toMatchObject({
      body: { session: { status: 'complete', payment_status: 'no_payment_required', payment_intent: null } },
    })
  })

  test('card numbers are not stored', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    const { intent } = await createPaidSession('5555555555554444')
    const all = JSON.stringify([
      await stripe.paymentIntents.retrieve(intent.id, { expand: ['payment_method', 'latest_charge'] }),
      (await stripe.events.list()).data,
    ])
    expect(all).toContain('4444')
    expect(all).not.toContain('5555555555554444')
  })
})

describe('paying by bank debit', () => {
  test.each(['us_bank_account', 'sepa_debit'])(
    '%s: the session is complete and unpaid, then paid after the debit settles',
    async (method) => {
      const { stripe, newSession, pay, helper, eventTypes } = await startTestEmulator()
      const currency = method === 'sepa_debit' ? 'eur' : 'usd'
      const { id } = await newSession({
        line_items: [{ quantity: 1, price_data: { currency, unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
      })
      const { body } = await pay(id, { method })
      expect(body).toMatchObject({
        outcome: 'processing',
        session: { status: 'complete', payment_status: 'unpaid' },
        payment_intent: { status: 'processing' },
      })
      const intent = String(body.session?.payment_intent)
      await helper(`/payment_intents/${intent}/settle`, { outcome: 'succeeded' })
      expect(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] })).toMatchObject({
        payment_status: 'paid',
        payment_intent: {
          status: 'succeeded',
          latest_charge: { id: expect.stringMatching(/^py_/), payment_method_details: { type: method } },
        },
      })
      expect(await eventTypes()).toEqual([
        'payment_intent.created',
        'charge.pending',
        'payment_intent.processing',
        'checkout.session.completed',
        'charge.succeeded',
        'payment_intent.succeeded',
        'checkout.session.async_payment_succeeded',
      ])
      expect((await helper(`/payment_intents/${intent}/settle`)).status).toBe(400)
    },
  )

  test('if the debit fails, the session stays unpaid and the payment intent requires another payment method', async () => {
    const { stripe, newSession, pay, helper, eventTypes } = await startTestEmulator()
    const { id } = await newSession()
    const { body } = await pay(id, { method: 'us_bank_account' })
    await helper(`/payment_intents/${body.session?.payment_intent}/settle`, { outcome: 'failed' })
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: { status: 'requires_payment_method' },
    })
    expect((await eventTypes()).slice(-3)).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
      'checkout.session.async_payment_failed',
    ])
  })

  test('a debit settles after settleAfterSeconds', async () => {
    const { stripe, newSession, pay, helper } = await startTestEmulator({ settleAfterSeconds: 4 * 86_400 })
    const { id } = await newSession()
    await pay(id, { method: 'us_bank_account' })
    await helper('/clock/advance', { seconds: 4 * 86_400 - 60 })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'unpaid' })
    await helper('/clock/advance', { seconds: 61 })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'paid' })
  })
})

describe('payment intents and customers', () => {
  test('a payment intent’s metadata can be updated, but a session’s payment intent cannot be canceled', async () => {
    const { stripe, createPaidSession, newSession, pay } = await startTestEmulator()
    const { intent, charge } = await createPaidSession()
    expect(await stripe.paymentIntents.update(intent.id, { metadata: { a: '1' } })).toMatchObject({ metadata: { a: '1' } })
    expect(await rejection(stripe.paymentIntents.cancel(intent.id))).toMatchObject({ code: 'payment_intent_unexpected_state' })
    const { id } = await newSession()
    const { body } = await pay(id, { card: '4000000000000002' })
    expect((await rejection(stripe.paymentIntents.cancel(String(body.session?.payment_intent)))).message).toContain(
      'expire the Checkout Session',
    )
    expect((await stripe.charges.list({ payment_intent: intent.id })).data.map((found) => found.id)).toEqual([charge.id])
  })

  test('a customer can be created, updated, listed by email and deleted, with an event for each change', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const alice = await stripe.customers.create({ email: 'alice@example.com', metadata: { a: '1', b: '2' } })
    const changed = await stripe.customers.update(alice.id, { name: 'Alice', metadata: { a: '', c: '3' } })
    expect(changed).toMatchObject({ name: 'Alice', email: 'alice@example.com', metadata: { b: '2', c: '3' } })
    expect(changed.metadata).not.toHaveProperty('a')
    const [updated] = (await stripe.events.list({ type: 'customer.updated' })).data
    expect(updated?.data.previous_attributes).toEqual({ name: null, metadata: { a: '1', c: null } })
    expect(await stripe.customers.update(alice.id, { metadata: '', email: '' })).toMatchObject({ metadata: {}, email: null })
    await stripe.customers.update(alice.id, { email: 'a@example.com' })
    expect((await stripe.customers.list({ email: 'a@example.com' })).data).toHaveLength(1)
    expect((await stripe.customers.list({ email: 'alice@example.com' })).data).toHaveLength(0)
    expect(await stripe.customers.del(alice.id)).toEqual(expect.objectContaining({ id: alice.id, deleted: true }))
    expect(await stripe.customers.retrieve(alice.id)).toMatchObject({ deleted: true })
    expect(await rejection(stripe.customers.update(alice.id, { name: 'x' }))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    })
    expect((await eventTypes()).at(-1)).toBe('customer.deleted')
  })
})

test.each([
  ['usd', 'us_bank_account', 'sepa_debit'],
  ['eur', 'sepa_debit', 'us_bank_account'],
  ['gbp', 'card', 'us_bank_account'],
])('a session in %s can be paid by %s and not by %s', async (currency, accepted, rejected) => {
  const { newSession, pay } = await startTestEmulator()
  const price = { quantity: 1, price_data: { currency, unit_amount: 499, product_data: { name: 'Nosferatu' } } }
  const { id } = await newSession({ line_items: [price] })
  expect((await pay(id, { method: rejected })).status).toBe(400)
  expect(await pay(id, { method: accepted })).toMatchObject({ status: 200, body: { session: { status: 'complete' } } })
})
