import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  buildCheckoutRequest,
  createGateway,
  createStripe,
  disputeSnapshot,
  isMissing,
  isPromotionCodeRejection,
  type StripeGateway,
} from '../src/index.ts'

let emulator: Awaited<ReturnType<typeof startStripeEmulator>>
let gateway: StripeGateway
let stripe: Stripe
let count = 0

beforeAll(async () => {
  emulator = await startStripeEmulator({})
  stripe = createStripe({ secretKey: 'sk_test_gateway', apiBase: emulator.url, maxRetries: 0 })
  gateway = createGateway(stripe)
})
afterAll(() => emulator.close())
beforeEach(() => emulatorHelper('reset'))

const emulatorHelper = async (path: string, body: object = {}): Promise<Response> =>
  await fetch(`${emulator.url}/_test/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const emulate = async (path: string, body?: object): Promise<void> => {
  expect((await emulatorHelper(path, body)).ok).toBe(true)
}

const injectFault = (path: string, effect: string, times = 1) =>
  emulate('faults', { on: 'api', method: 'POST', path, effect, times })

const newCheckoutRequest = async () => {
  const purchaseId = `ptv_01m85eetz2e8qthwsqr5v0d${String(++count).padStart(3, '0')}`
  const stripeCustomerId = await gateway.createCustomer({ userId: `user-${count}` })
  const request = buildCheckoutRequest({
    purchaseId,
    product: { id: 'prod_01m85eetz6e8qthwvnjjs5zz41', name: 'Film', amount: 499, currency: 'usd', taxCode: null },
    allowedDiscount: { kind: 'none' },
    taxBehavior: null,
    entity: { id: 'vid_01m85eetz2e8qthwsqr5v0dh8g', type: 'video', title: 'Nosferatu' },
    userId: `user-${count}`,
    stripeCustomerId,
    expiresAt: new Date(Date.now() + 40 * 60_000),
    returnUrl: 'https://yoursite.com/',
    options: { redirect: 'never', automaticTax: false, collectTaxIds: false, createInvoices: false },
  })
  return { purchaseId, request, stripeCustomerId }
}

const createCheckout = async () => {
  const { purchaseId, request } = await newCheckoutRequest()
  return { purchaseId, ...(await gateway.createCheckout(purchaseId, request)) }
}

/** Pays a session and returns the id of its payment intent. */
const pay = async (sessionId: string): Promise<string> => {
  await emulate(`checkout/sessions/${sessionId}/pay`)
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  return typeof payment_intent === 'string' ? payment_intent : ''
}

test('creating the session of a purchase repeatedly returns the same session', async () => {
  const { purchaseId, request } = await newCheckoutRequest()
  const first = await gateway.createCheckout(purchaseId, request)
  expect(await gateway.createCheckout(purchaseId, request)).toEqual(first)
})

test('the session and the payment intent have the metadata of the integration guide', async () => {
  const { purchaseId, sessionId } = await createCheckout()
  const expected = {
    payToViewPurchaseId: purchaseId,
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    userId: `user-${count}`,
    entityType: '1',
    entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  }
  expect((await stripe.checkout.sessions.retrieve(sessionId)).metadata).toEqual(expected)
  expect((await stripe.paymentIntents.retrieve(await pay(sessionId))).metadata).toEqual(expected)
})

test('a lost response is recovered with the idempotency key; a replayed 500 is recovered by a search and then another key', async () => {
  const { purchaseId, request, stripeCustomerId } = await newCheckoutRequest()
  await injectFault('/v1/checkout/sessions', 'lost_response', 2)
  await expect(gateway.createCheckout(purchaseId, request)).rejects.toMatchObject({ type: 'StripeConnectionError' })
  const { sessionId } = await gateway.createCheckout(purchaseId, request)
  expect((await stripe.checkout.sessions.list({ customer: stripeCustomerId })).data.map(({ id }) => id)).toEqual([sessionId])

  const second = await newCheckoutRequest()
  await injectFault('/v1/checkout/sessions', 'error')
  const afterError = await gateway.createCheckout(second.purchaseId, second.request)
  expect(afterError.isOpen).toBe(true)
  expect(await gateway.createCheckout(second.purchaseId, second.request)).toEqual(afterError)
  expect((await stripe.checkout.sessions.list({ customer: second.stripeCustomerId })).data).toHaveLength(1)
})

test('expiring a paid session returns its current snapshots', async () => {
  const { sessionId } = await createCheckout()
  const paymentIntentId = await pay(sessionId)
  expect(await gateway.expireCheckout(sessionId)).toMatchObject([
    { kind: 'session', status: 'complete', paymentIntentId },
    { kind: 'payment', id: paymentIntentId, status: 'paid', amount: 499, currency: 'usd' },
  ])
})

test('an open session is expired, even after a response with status 500', async () => {
  const { sessionId } = await createCheckout()
  await injectFault('/v1/checkout/sessions', 'error')
  expect(await gateway.expireCheckout(sessionId)).toMatchObject([{ kind: 'session', status: 'expired' }])
})

test("one refund is created per request, whatever Stripe's responses are", async () => {
  const { purchaseId, sessionId } = await createCheckout()
  const paymentIntentId = await pay(sessionId)
  const refund = { purchaseId, requestId: 'r1', paymentIntentId, amount: 100, reason: 'requested_by_customer' as const }
  await injectFault('/v1/refunds', 'error')
  const first = await gateway.createRefund(refund)
  expect(await gateway.createRefund(refund)).toMatchObject({ id: first.id, requestId: 'r1' })
  await injectFault('/v1/refunds', 'lost_response', 2)
  await expect(gateway.createRefund({ ...refund, requestId: 'r2' })).rejects.toThrow()
  await gateway.createRefund({ ...refund, requestId: 'r2' })
  const refunds = await gateway.listRefunds(paymentIntentId)
  expect(refunds.map(({ requestId, amount }) => [requestId, amount]).sort()).toEqual([
    ['r1', 100],
    ['r2', 100],
  ])
})

test('all pages of a list of refunds are read', async () => {
  const paymentIntentId = await pay((await createCheckout()).sessionId)
  for (let created = 0; created < 101; created++) await stripe.refunds.create({ payment_intent: paymentIntentId, amount: 1 })
  expect(await gateway.listRefunds(paymentIntentId)).toHaveLength(101)
})

test('a payment intent leads to its purchase, unless it is unknown or belongs to another system', async () => {
  const { purchaseId, sessionId } = await createCheckout()
  expect(await gateway.findPurchase(await pay(sessionId))).toEqual({ purchaseId, site: null })
  const foreign = await stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode: 'embedded_page',
    redirect_on_completion: 'never',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 100, product_data: { name: 'A mug' } } }],
  })
  expect(await gateway.findPurchase(await pay(foreign.id))).toBeNull()
  expect(await gateway.findPurchase('pi_unknown')).toBeNull()
})

test('the snapshots of a checkout distinguish a processing payment, a failed payment and a declined card', async () => {
  const { sessionId } = await createCheckout()
  await emulatorHelper(`checkout/sessions/${sessionId}/pay`, { card: '4000000000000002' })
  expect(await gateway.fetchCheckoutSnapshots(sessionId)).toMatchObject([
    { status: 'open' },
    { kind: 'payment', status: 'unpaid' },
  ])
  await emulate(`checkout/sessions/${sessionId}/pay`, { method: 'us_bank_account' })
  expect(await gateway.fetchCheckoutSnapshots(sessionId)).toMatchObject([
    { status: 'complete' },
    { kind: 'payment', status: 'processing' },
  ])
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  await emulate(`payment_intents/${payment_intent}/settle`, { outcome: 'failed' })
  expect(await gateway.fetchCheckoutSnapshots(sessionId)).toMatchObject([
    { status: 'complete' },
    { kind: 'payment', status: 'failed' },
  ])
})

test('a user has one customer, even with a long id; a missing customer is replaced by exactly one new customer', async () => {
  const user = { userId: 'u'.repeat(200) }
  const customer = await gateway.createCustomer(user)
  expect(await gateway.createCustomer(user)).toBe(customer)
  const other = await gateway.createCustomer(user, customer)
  expect(other).not.toBe(customer)
  expect(await gateway.createCustomer(user, customer)).toBe(other)
})

test("two sites on one account have separate customers for the same user, and neither finds the other's", async () => {
  const userId = 'same-id'
  const sites = [undefined, 'shop-a', 'shop-b']
  const customers = await Promise.all(sites.map((site) => gateway.createCustomer({ userId, site })))
  expect(new Set(customers).size).toBe(3)
  expect(await gateway.createCustomer({ userId, site: 'shop-a' })).toBe(customers[1])
  const metadata = await Promise.all(customers.map(async (id) => Object(await stripe.customers.retrieve(id)).metadata))
  expect(metadata).toEqual([{ userId }, { userId, payToViewSite: 'shop-a' }, { userId, payToViewSite: 'shop-b' }])
  const found = (site: string | undefined, stored: string | undefined) =>
    gateway.findUserData({ userId, site }, stored ?? null, { sessions: [], payments: [] })
  expect(await found('shop-a', customers[1])).toMatchObject({ customers: [customers[1]] })
  // The stored customer can belong to the other site if the database was copied from that site.
  expect(await found('shop-b', customers[1])).toMatchObject({ customers: [] })
  expect(await found('shop-a', customers[0])).toMatchObject({ customers: [customers[0]] })
})

test('concurrent requests for one checkout create one session', async () => {
  const { purchaseId, request, stripeCustomerId } = await newCheckoutRequest()
  const results = await Promise.allSettled([1, 2, 3].map(() => gateway.createCheckout(purchaseId, request)))
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
  expect((await stripe.checkout.sessions.list({ customer: stripeCustomerId })).data).toHaveLength(1)
})

test('an unknown session is missing, and a refund of an unknown payment intent is rejected as missing', async () => {
  expect(await gateway.fetchCheckout('cs_test_unknown')).toBeNull()
  const missing = { kind: 'session', id: 'cs_test_unknown', status: 'missing', paymentIntentId: null }
  expect(await gateway.fetchCheckoutSnapshots('cs_test_unknown')).toMatchObject([missing])
  expect(await gateway.expireCheckout('cs_test_unknown')).toMatchObject([missing])
  const refund = { purchaseId: 'ptv_x', requestId: 'r', paymentIntentId: 'pi_unknown', amount: 1, reason: 'duplicate' as const }
  await expect(gateway.createRefund(refund)).rejects.toSatisfy(isMissing)
})

test('the disputed amount counts as withdrawn until Stripe reinstates it, even if only in part; an unknown status counts as open', async () => {
  const paymentIntentId = await pay((await createCheckout()).sessionId)
  const [charge] = (await stripe.charges.list({ payment_intent: paymentIntentId })).data
  await emulate(`charges/${charge?.id}/dispute`)
  const find = async () => {
    const [dispute] = (await stripe.disputes.list({ payment_intent: paymentIntentId })).data
    if (!dispute) throw new Error('The payment has no dispute')
    return dispute
  }
  const opened = await find()
  expect(disputeSnapshot(opened, 0)).toMatchObject({ withdrawn: true })
  // A status that Stripe might add later, as it once added "prevented".
  const ofNewStatus = (dispute: Stripe.Dispute) => disputeSnapshot(Object.assign({}, dispute, { status: 'a_new_status' }), 0)
  expect(ofNewStatus(opened)).toMatchObject({ withdrawn: true, status: 'under_review' })
  await emulate(`disputes/${opened.id}/win`)
  const won = await find()
  expect(ofNewStatus(won)).toMatchObject({ withdrawn: false, status: 'warning_under_review' })
  expect(disputeSnapshot(won, 0)).toMatchObject({ withdrawn: false })
  const withReinstatement = (change: (amount: number) => { amount: number; fee: number; net: number }) =>
    disputeSnapshot(
      {
        ...won,
        balance_transactions: won.balance_transactions.map((one) => (one.amount > 0 ? { ...one, ...change(one.amount) } : one)),
      },
      0,
    )
  expect(withReinstatement((amount) => ({ amount, fee: 0, net: amount }))).toMatchObject({ withdrawn: false })
  expect(withReinstatement((amount) => ({ amount: amount - 5, fee: 0, net: amount - 5 }))).toMatchObject({ withdrawn: false })
})

test.each([
  ['user-1', true],
  ['forgotten_01m85eetz2e8qthwsqr5v0dh8g', false],
])('the snapshot of a checkout of %s contains the URLs of its invoice: %s', async (userId, hasPages) => {
  const { purchaseId, request } = await newCheckoutRequest()
  const { metadata } = request
  const { sessionId } = await gateway.createCheckout(purchaseId, {
    ...request,
    metadata: { ...metadata, userId },
    invoice_creation: { enabled: true, invoice_data: { metadata } },
  })
  await pay(sessionId)
  const [session] = await gateway.fetchCheckoutSnapshots(sessionId)
  if (session?.kind !== 'session') throw new Error('Expected the snapshot of a session first')
  expect(session.invoice).toMatchObject({ number: expect.any(String) })
  expect([session.invoice?.url, session.invoice?.pdfUrl].every((url) => (url !== null) === hasPages)).toBe(true)
})

test("a customer's own promotion code takes precedence over a code with the same text for everyone; another customer's does not", async () => {
  const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map((userId) => gateway.createCustomer({ userId })))
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' })
  const createCode = (customer?: string) =>
    stripe.promotionCodes.create({
      ...{ promotion: { type: 'coupon', coupon: coupon.id }, code: 'SAME' },
      ...(customer !== undefined && { customer }),
    })
  const [forAll, forAlice, forBob] = [await createCode(), await createCode(alice), await createCode(bob)]
  const found = await Promise.all([alice, bob, carol].map((customer = '') => gateway.findPromotionCode('same', customer)))
  expect(found.map((promotion) => promotion?.id)).toEqual([forAlice.id, forBob.id, forAll.id])
})

test('a discount that leaves less than the minimum charge causes a rejection of the code, not of the product', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 99, duration: 'once' })
  const { id: promotion_code } = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } })
  const { purchaseId, request } = await newCheckoutRequest()
  const discounted = { ...request, discounts: [{ promotion_code }] }
  const error: unknown = await gateway.createCheckout(purchaseId, discounted).catch((rejected: unknown) => rejected)
  expect([isPromotionCodeRejection(error, discounted), isPromotionCodeRejection(error, request)]).toEqual([true, false])
})

test('a user whose e-mail address Stripe rejects gets a customer without one', async () => {
  const create = (email: string) => gateway.createCustomer({ userId: 'alice', email, emailHash: email })
  const emailOf = async (id: string) => {
    const customer = await stripe.customers.retrieve(id)
    return customer.deleted ? 'deleted' : customer.email
  }
  expect(await emailOf(await create('not an address'))).toBeNull()
  expect(await emailOf(await create('alice@example.com'))).toBe('alice@example.com')
})
