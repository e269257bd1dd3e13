import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { rejection, startTestEmulator } from './harness.ts'

const cardPayment: Stripe.PaymentIntentCreateParams = {
  amount: 499,
  currency: 'usd',
  allowed_payment_method_types: ['card'],
  payment_method: 'pm_card_visa',
  confirm: true,
}

describe('creating a payment intent', () => {
  test('without a payment method, the payment intent is created but not confirmed', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const customer = await stripe.customers.create()
    const intent = await stripe.paymentIntents.create({
      amount: 499,
      currency: 'eur',
      customer: customer.id,
      description: 'Nosferatu',
      metadata: { a: '1' },
      shipping: { name: 'Alice', address: { line1: '1 Main Street' } },
    })
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      amount: 499,
      currency: 'eur',
      customer: customer.id,
      metadata: { a: '1' },
      shipping: { name: 'Alice', address: { line1: '1 Main Street', city: null } },
      automatic_payment_methods: { enabled: true, allow_redirects: 'always' },
      payment_method_types: ['card', 'sepa_debit', 'ideal'],
      latest_charge: null,
    })
    expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_`))
    expect(await eventTypes()).toEqual(['customer.created', 'payment_intent.created'])
  })

  test('with `confirm`, the payment intent is paid immediately', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const intent = await stripe.paymentIntents.create({ ...cardPayment, expand: ['latest_charge', 'payment_method'] })
    expect(intent).toMatchObject({
      status: 'succeeded',
      amount_received: 499,
      payment_method: { id: expect.stringMatching(/^pm_1/), card: { brand: 'visa', last4: '4242' } },
      latest_charge: { status: 'succeeded', amount: 499 },
    })
    expect(await eventTypes()).toEqual(['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded'])
    expect(await stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({ status: 'succeeded', amount: 499 })
  })

  test.each([
    [{ amount: 49 }, 'amount_too_small', 'amount'],
    [{ currency: 'xxx' }, undefined, 'currency'],
    [{ customer: 'cus_unknown' }, 'resource_missing', 'customer'],
    [{ payment_method: 'pm_unknown' }, 'resource_missing', 'payment_method'],
    [{ allowed_payment_method_types: ['sepa_debit'] }, undefined, 'allowed_payment_method_types'],
    [{ payment_method_types: ['card'] }, 'parameter_unknown', 'payment_method_types'],
    [{ capture_method: 'manual' }, undefined, 'capture_method'],
    [{ confirm: false, return_url: 'https://shop.example/' }, undefined, 'return_url'],
  ] as const)('%o is rejected, and nothing is created', async (params, code, param) => {
    const { stripe } = await startTestEmulator()
    const call = stripe.paymentIntents.create(JSON.parse(JSON.stringify({ ...cardPayment, ...params })))
    expect(await rejection(call)).toMatchObject({ statusCode: 400, code, param })
    expect((await stripe.paymentIntents.list()).data).toEqual([])
  })

  test('automatic payment methods require a return_url, because some of them redirect', async () => {
    const { stripe } = await startTestEmulator()
    const params = { amount: 499, currency: 'usd', payment_method: 'pm_card_visa', confirm: true }
    expect((await rejection(stripe.paymentIntents.create(params))).message).toContain('you must provide a `return_url`')
    expect(
      await stripe.paymentIntents.create({ ...params, automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }),
    ).toMatchObject({ status: 'succeeded', payment_method_types: ['card', 'us_bank_account'] })
  })
})

describe('payment_method_types', () => {
  const before = { apiVersion: '2026-08-26.dahlia' }
  const create = (stripe: Stripe, params: object) =>
    stripe.rawRequest('POST', '/v1/payment_intents', { amount: 499, currency: 'eur', ...params }, before)

  test('are accepted from requests with an API version before 2026-09-30.endive', async () => {
    const { stripe } = await startTestEmulator()
    expect(await create(stripe, { payment_method_types: ['ideal'] })).toMatchObject({
      payment_method_types: ['ideal'],
      automatic_payment_methods: null,
    })
  })

  test.each([
    [{ payment_method_types: ['klarna'] }, undefined, 'payment_method_types[0]'],
    [{ payment_method_types: ['us_bank_account'] }, undefined, 'payment_method_types[0]'],
    [
      { payment_method_types: ['card'], automatic_payment_methods: { enabled: true } },
      'parameters_exclusive',
      'automatic_payment_methods',
    ],
  ])('%o are rejected', async (params, code, param) => {
    const { stripe } = await startTestEmulator()
    expect(await rejection(create(stripe, params))).toMatchObject({ statusCode: 400, code, param })
  })
})

describe('confirming a payment intent', () => {
  test('with a payment method that was created from a token', async () => {
    const { stripe } = await startTestEmulator()
    const method = await stripe.paymentMethods.create({
      type: 'card',
      card: { token: 'tok_mastercard' },
      billing_details: { email: 'alice@example.com', name: 'Alice', address: { country: 'US' } },
    })
    expect(await stripe.paymentMethods.retrieve(method.id)).toMatchObject({
      card: { brand: 'mastercard', last4: '4444' },
      billing_details: { email: 'alice@example.com', address: { country: 'US', city: null } },
    })
    const { id } = await stripe.paymentIntents.create({ amount: 499, currency: 'usd', allowed_payment_method_types: ['card'] })
    expect(await stripe.paymentIntents.confirm(id, { payment_method: method.id })).toMatchObject({
      status: 'succeeded',
      payment_method: method.id,
    })
    expect(await rejection(stripe.paymentIntents.confirm(id))).toMatchObject({ code: 'payment_intent_unexpected_state' })
  })

  test('without a payment method it is rejected', async () => {
    const { stripe } = await startTestEmulator()
    const { id } = await stripe.paymentIntents.create({ amount: 499, currency: 'usd' })
    expect((await rejection(stripe.paymentIntents.confirm(id))).message).toContain('missing a payment method')
  })

  test('a declined card gets 402, but the failed charge and the stored response are kept', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const create = () =>
      rejection(
        stripe.paymentIntents.create({ ...cardPayment, payment_method: 'pm_card_visa_chargeDeclined' }, { idempotencyKey: 'k1' }),
      )
    const error = await create()
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'generic_decline',
      payment_intent: { status: 'requires_payment_method' },
    })
    expect(await create()).toMatchObject({ charge: error.charge, headers: { 'idempotent-replayed': 'true' } })
    expect(await stripe.charges.retrieve(String(error.charge))).toMatchObject({ status: 'failed', failure_code: 'card_declined' })
    expect(await eventTypes()).toEqual(['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed'])
  })

  test('3D Secure and redirects wait for the buyer, who returns to return_url', async () => {
    const { stripe, helper } = await startTestEmulator()
    const return_url = 'https://shop.example/done?a=1'
    const secure = await stripe.paymentIntents.create({ ...cardPayment, payment_method: 'pm_card_authenticationRequired' })
    expect(secure).toMatchObject({ status: 'requires_action', next_action: { type: 'use_stripe_sdk' } })
    const redirected = await stripe.paymentIntents.create({
      ...cardPayment,
      payment_method: 'pm_card_authenticationRequired',
      return_url,
    })
    expect(redirected).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { return_url, url: expect.stringContaining('/authorize/pi_') } },
    })
    const { body } = await helper(`/payment_intents/${redirected.id}/authenticate`)
    const url = new URL(String(body.return_url))
    expect(Object.fromEntries(url.searchParams)).toEqual({
      a: '1',
      payment_intent: redirected.id,
      payment_intent_client_secret: redirected.client_secret,
      redirect_status: 'succeeded',
    })
    expect((await helper(`/payment_intents/${secure.id}/authenticate`, { result: 'fail' })).body).toMatchObject({
      outcome: 'declined',
      return_url: null,
      payment_intent: { status: 'requires_payment_method' },
    })
  })

  test('a bank debit is processing until it settles', async () => {
    const { stripe, helper } = await startTestEmulator()
    const method = await stripe.paymentMethods.create({ type: 'sepa_debit', sepa_debit: { iban: 'DE89370400440532013000' } })
    const intent = await stripe.paymentIntents.create({
      amount: 499,
      currency: 'eur',
      allowed_payment_method_types: ['sepa_debit'],
      payment_method: method.id,
      confirm: true,
    })
    expect(intent).toMatchObject({ status: 'processing' })
    await helper(`/payment_intents/${intent.id}/settle`)
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded', amount_received: 499 })
  })

  test('a payment with the test card for disputes is disputed', async () => {
    const { stripe } = await startTestEmulator()
    const { id } = await stripe.paymentIntents.create({ ...cardPayment, payment_method: 'pm_card_createDispute' })
    expect((await stripe.disputes.list({ payment_intent: id })).data).toMatchObject([{ status: 'needs_response' }])
  })

  test('the payment intent of a Checkout Session cannot be confirmed', async () => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id } = await newSession()
    const { body } = await pay(id, { card: '4000000000000002' })
    const call = stripe.paymentIntents.confirm(String(body.session?.payment_intent), { payment_method: 'pm_card_visa' })
    expect((await rejection(call)).message).toContain('created by Checkout')
  })
})

test('a payment intent can be canceled until it is paid', async () => {
  const { stripe, eventTypes } = await startTestEmulator()
  const { id } = await stripe.paymentIntents.create({ amount: 499, currency: 'usd' })
  expect(await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' })).toMatchObject({
    status: 'canceled',
    cancellation_reason: 'abandoned',
  })
  expect((await eventTypes()).at(-1)).toBe('payment_intent.canceled')
  expect(await rejection(stripe.paymentIntents.cancel(id))).toMatchObject({ code: 'payment_intent_unexpected_state' })
})

test('card numbers and unknown tokens are not accepted as payment methods', async () => {
  const { stripe } = await startTestEmulator()
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }
  expect((await rejection(stripe.paymentMethods.create({ type: 'card', card }))).message).toContain(
    'not supported by the emulator',
  )
  expect(await rejection(stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_unknown' } }))).toMatchObject({
    code: 'resource_missing',
  })
})
