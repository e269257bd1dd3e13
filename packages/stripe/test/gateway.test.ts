import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startStripeEmulator } from '../../../apps/stripe-emulator/src/index.ts'
import { buildCheckoutRequest, createGateway, createStripe, isMissing, type StripeGateway } from '../src/index.ts'

let emulator: Awaited<ReturnType<typeof startStripeEmulator>>
let gateway: StripeGateway
let stripe: Stripe
let made = 0

beforeAll(async () => {
  emulator = await startStripeEmulator({})
  const options = { secretKey: 'sk_test_gateway', apiBase: emulator.url }
  stripe = createStripe({ ...options, retries: 0 })
  gateway = createGateway(stripe)
})
afterAll(() => emulator.close())
beforeEach(() => helper('reset'))

const helper = async (to: string, body: object = {}): Promise<void> => {
  const answer = await fetch(`${emulator.url}/_test/${to}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok).toBe(true)
}

const fault = (path: string, effect: string, times = 1) => helper('faults', { on: 'api', method: 'POST', path, effect, times })

const order = async () => {
  const purchaseId = `ptv_01m85eetz2e8qthwsqr5v0d${String(++made).padStart(3, '0')}`
  const stripeCustomerId = await gateway.createCustomer(`user-${made}`)
  const request = buildCheckoutRequest({
    purchaseId,
    product: { id: 'prod_01m85eetz6e8qthwvnjjs5zz41', name: 'Film', amount: 499, currency: 'usd' },
    entity: { id: 'vid_01m85eetz2e8qthwsqr5v0dh8g', title: 'Nosferatu' },
    userId: `user-${made}`,
    stripeCustomerId,
    expiresAt: new Date(Date.now() + 40 * 60_000),
    redirect: 'never',
    returnUrl: 'https://yoursite.com/',
  })
  return { purchaseId, request, stripeCustomerId }
}

const pay = async (sessionId: string): Promise<string> => {
  await helper(`checkout/sessions/${sessionId}/pay`)
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  return typeof payment_intent === 'string' ? payment_intent : ''
}

test('the same purchase makes the same session, however often it is asked for', async () => {
  const { purchaseId, request } = await order()
  const first = await gateway.createCheckout(purchaseId, request)
  expect(await gateway.createCheckout(purchaseId, request)).toEqual(first)
})

test('the session and the payment intent carry the metadata of the guide', async () => {
  const { purchaseId, request } = await order()
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  const wanted = {
    payToViewPurchaseId: purchaseId,
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    userId: `user-${made}`,
    entityType: '1',
    entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  }
  expect((await stripe.checkout.sessions.retrieve(sessionId)).metadata).toEqual(wanted)
  expect((await stripe.paymentIntents.retrieve(await pay(sessionId))).metadata).toEqual(wanted)
})

test('a lost answer is found again by the key; an answer 500, which Stripe keeps, by looking and then another key', async () => {
  const { purchaseId, request, stripeCustomerId } = await order()
  await fault('/v1/checkout/sessions', 'lost_response', 2)
  await expect(gateway.createCheckout(purchaseId, request)).rejects.toMatchObject({ type: 'StripeConnectionError' })
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  expect((await stripe.checkout.sessions.list({ customer: stripeCustomerId })).data.map(({ id }) => id)).toEqual([sessionId])

  const second = await order()
  await fault('/v1/checkout/sessions', 'error')
  const made500 = await gateway.createCheckout(second.purchaseId, second.request)
  expect(made500.open).toBe(true)
  expect(await gateway.createCheckout(second.purchaseId, second.request)).toEqual(made500)
  expect((await stripe.checkout.sessions.list({ customer: second.stripeCustomerId })).data).toHaveLength(1)
})

test('a session that was paid cannot be expired: the answer says what it has become', async () => {
  const { purchaseId, request } = await order()
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  const payment = await pay(sessionId)
  expect(await gateway.expireCheckout(sessionId)).toMatchObject([
    { kind: 'session', status: 'complete', payment },
    { kind: 'payment', id: payment, status: 'paid', amount: 499, currency: 'usd' },
  ])
})

test('an open session is expired, also after an answer 500', async () => {
  const { purchaseId, request } = await order()
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  await fault('/v1/checkout/sessions', 'error')
  expect(await gateway.expireCheckout(sessionId)).toMatchObject([{ kind: 'session', status: 'expired' }])
})

test('a refund is made once for one request, whatever Stripe answers', async () => {
  const { purchaseId, request } = await order()
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  const payment = await pay(sessionId)
  const refund = { purchaseId, requestId: 'r1', payment, amount: 100, reason: 'requested_by_customer' as const }
  await fault('/v1/refunds', 'error')
  const first = await gateway.createRefund(refund)
  expect(await gateway.createRefund(refund)).toMatchObject({ id: first.id, requestId: 'r1' })
  await fault('/v1/refunds', 'lost_response', 2)
  await expect(gateway.createRefund({ ...refund, requestId: 'r2' })).rejects.toThrow()
  await gateway.createRefund({ ...refund, requestId: 'r2' })
  expect((await gateway.refundsOf(payment)).map(({ requestId, amount }) => [requestId, amount]).sort()).toEqual([
    ['r1', 100],
    ['r2', 100],
  ])
})

test('every page of a long list of refunds is read', async () => {
  const { purchaseId, request } = await order()
  const payment = await pay((await gateway.createCheckout(purchaseId, request)).sessionId)
  for (let one = 0; one < 101; one++) await stripe.refunds.create({ payment_intent: payment, amount: 1 })
  expect(await gateway.refundsOf(payment)).toHaveLength(101)
})

test('a refund or a dispute finds its purchase by the payment intent; one of another system finds none', async () => {
  const { purchaseId, request } = await order()
  const payment = await pay((await gateway.createCheckout(purchaseId, request)).sessionId)
  expect(await gateway.purchaseOf(payment)).toBe(purchaseId)
  const foreign = await stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode: 'embedded_page',
    redirect_on_completion: 'never',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 100, product_data: { name: 'A mug' } } }],
  })
  expect(await gateway.purchaseOf(await pay(foreign.id))).toBeNull()
  expect(await gateway.purchaseOf('pi_unknown')).toBeNull()
})

test('a look at a checkout tells a payment under way from one that failed, and from a card that was declined', async () => {
  const { purchaseId, request } = await order()
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  await fetch(`${emulator.url}/_test/checkout/sessions/${sessionId}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ card: '4000000000000002' }),
  })
  expect(await gateway.lookAtCheckout(sessionId)).toMatchObject([{ status: 'open' }, { kind: 'payment', status: 'none' }])
  await helper(`checkout/sessions/${sessionId}/pay`, { method: 'us_bank_account' })
  expect(await gateway.lookAtCheckout(sessionId)).toMatchObject([
    { status: 'complete' },
    { kind: 'payment', status: 'processing' },
  ])
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  await helper(`payment_intents/${payment_intent}/settle`, { outcome: 'failed' })
  expect(await gateway.lookAtCheckout(sessionId)).toMatchObject([{ status: 'complete' }, { kind: 'payment', status: 'failed' }])
})

test('a user has one customer, however long the id and however often asked; another instead of one that is gone', async () => {
  const user = 'u'.repeat(200)
  const customer = await gateway.createCustomer(user)
  expect(await gateway.createCustomer(user)).toBe(customer)
  const other = await gateway.createCustomer(user, customer)
  expect(other).not.toBe(customer)
  expect(await gateway.createCustomer(user, customer)).toBe(other)
})

test('two requests for one checkout at once make one session', async () => {
  const { purchaseId, request, stripeCustomerId } = await order()
  const made = await Promise.allSettled([1, 2, 3].map(() => gateway.createCheckout(purchaseId, request)))
  expect(made.some(({ status }) => status === 'fulfilled')).toBe(true)
  expect((await stripe.checkout.sessions.list({ customer: stripeCustomerId })).data).toHaveLength(1)
})

test('a session and a payment that Stripe does not know are no open checkout, and no failure', async () => {
  expect(await gateway.retrieveCheckout('cs_test_unknown')).toBeNull()
  const gone = { kind: 'session', id: 'cs_test_unknown', status: 'gone', payment: null }
  expect(await gateway.lookAtCheckout('cs_test_unknown')).toMatchObject([gone])
  expect(await gateway.expireCheckout('cs_test_unknown')).toMatchObject([gone])
  await expect(
    gateway.createRefund({ purchaseId: 'ptv_x', requestId: 'r', payment: 'pi_unknown', amount: 1, reason: 'duplicate' }),
  ).rejects.toSatisfy(isMissing)
})
