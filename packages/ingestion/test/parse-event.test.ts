import { createStripe } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type EventType, parseEvent } from '../src/index.ts'

let emulator: Awaited<ReturnType<typeof startStripeEmulator>>
let stripe: Stripe

beforeAll(async () => {
  emulator = await startStripeEmulator({})
  stripe = createStripe({ secretKey: 'sk_test_events', apiBase: emulator.url })
})
afterAll(() => emulator.close())
beforeEach(() => emulatorHelper('reset'))

const emulatorHelper = async (path: string, body: object = {}): Promise<void> => {
  const response = await fetch(`${emulator.url}/_test/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.ok).toBe(true)
}

const purchaseId = 'ptv_01m85eetz2e8qthwsqr5v0dh8g'
const metadata = { payToViewPurchaseId: purchaseId, userId: 'alice', entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g' }

/** Creates a checkout session, paid if `payment` is given. */
const createCheckout = async (payment?: object) => {
  const { id } = await stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode: 'embedded_page',
    redirect_on_completion: 'never',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
    metadata,
  })
  if (payment) await emulatorHelper(`checkout/sessions/${id}/pay`, payment)
  const { payment_intent } = await stripe.checkout.sessions.retrieve(id)
  const paymentIntentId = typeof payment_intent === 'string' ? payment_intent : ''
  const charges = paymentIntentId === '' ? [] : (await stripe.charges.list({ payment_intent: paymentIntentId })).data
  return { id, paymentIntentId, charge: charges[0]?.id }
}

const card = { card: '4242424242424242' }
const bankDebit = { method: 'us_bank_account' }

const parseNewest = async (type: EventType) => {
  const [event] = (await stripe.events.list({ type, limit: 1 })).data
  if (!event) throw new Error(`The emulator has no event of type ${type}`)
  return parseEvent(event)
}

test('a checkout paid by card: the session and its payment, for the purchase in the metadata', async () => {
  const { id, paymentIntentId } = await createCheckout(card)
  expect(await parseNewest('checkout.session.completed')).toMatchObject({
    ...{ objectId: id, purchaseId, paymentIntentId, needsRefresh: false },
    snapshots: [
      { kind: 'session', id, status: 'complete', paymentIntentId, userId: 'alice', entityId: metadata.entityId },
      { kind: 'payment', id: paymentIntentId, status: 'paid', amount: 499, currency: 'usd' },
    ],
  })
})

test('a bank debit: the completed checkout is processing until the payment succeeds or fails', async () => {
  const first = await createCheckout(bankDebit)
  const withPayment = (status: string) => ({ snapshots: [{ status: 'complete' }, { kind: 'payment', status }] })
  expect(await parseNewest('checkout.session.completed')).toMatchObject(withPayment('processing'))
  await emulatorHelper(`payment_intents/${first.paymentIntentId}/settle`, { outcome: 'succeeded' })
  expect(await parseNewest('checkout.session.async_payment_succeeded')).toMatchObject(withPayment('paid'))
  const second = await createCheckout(bankDebit)
  await emulatorHelper(`payment_intents/${second.paymentIntentId}/settle`, { outcome: 'failed' })
  expect(await parseNewest('checkout.session.async_payment_failed')).toMatchObject(withPayment('failed'))
})

test('a checkout that expired without a payment', async () => {
  const { id } = await createCheckout()
  await emulatorHelper(`checkout/sessions/${id}/expire`)
  expect(await parseNewest('checkout.session.expired')).toMatchObject({
    purchaseId,
    snapshots: [{ id, status: 'expired', paymentIntentId: null }],
  })
})

test('a refund names its payment intent; charge.refunded only requests a refresh', async () => {
  const { paymentIntentId } = await createCheckout(card)
  const refund = await stripe.refunds.create({
    payment_intent: paymentIntentId,
    amount: 100,
    metadata: { payToViewRequestId: 'r1' },
  })
  const snapshot = { kind: 'refund', id: refund.id, paymentIntentId, amount: 100, createdAt: refund.created, requestId: 'r1' }
  const expected = { purchaseId: null, paymentIntentId, needsRefresh: true }
  expect(await parseNewest('refund.created')).toMatchObject({ ...expected, snapshots: [snapshot] })
  expect(await parseNewest('charge.refunded')).toMatchObject({ ...expected, snapshots: [] })
  await emulatorHelper(`refunds/${refund.id}/fail`)
  expect(await parseNewest('refund.failed')).toMatchObject({ snapshots: [{ ...snapshot, status: 'failed' }] })
  expect(await parseNewest('refund.updated')).toMatchObject({ paymentIntentId, needsRefresh: true })
})

test('a dispute: whether its amount is withdrawn, and its status', async () => {
  const { paymentIntentId, charge } = await createCheckout(card)
  await emulatorHelper(`charges/${charge}/dispute`)
  const dispute = (await stripe.disputes.list({ payment_intent: paymentIntentId })).data[0]?.id
  const withDispute = (status: string, withdrawn: boolean) => ({
    ...{ paymentIntentId, needsRefresh: true },
    snapshots: [{ kind: 'dispute', id: dispute, paymentIntentId, amount: 499, status, withdrawn }],
  })
  expect(await parseNewest('charge.dispute.created')).toMatchObject(withDispute('needs_response', false))
  expect(await parseNewest('charge.dispute.funds_withdrawn')).toMatchObject(withDispute('needs_response', true))
  await emulatorHelper(`disputes/${dispute}/win`)
  expect(await parseNewest('charge.dispute.closed')).toMatchObject(withDispute('won', true))
  expect(await parseNewest('charge.dispute.funds_reinstated')).toMatchObject(withDispute('won', false))
  await emulatorHelper(`charges/${(await createCheckout(card)).charge}/dispute`, { status: 'warning_needs_response' })
  expect(await parseNewest('charge.dispute.created')).toMatchObject({
    snapshots: [{ status: 'warning_needs_response', withdrawn: false }],
  })
})

test('an invoice: the purchase in its metadata fetches its checkout', async () => {
  const { id } = await stripe.checkout.sessions.create({
    ...{ mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never', metadata },
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
    customer: (await stripe.customers.create()).id,
    invoice_creation: { enabled: true, invoice_data: { metadata: { payToViewPurchaseId: purchaseId, payToViewSite: 'shop' } } },
  })
  await emulatorHelper(`checkout/sessions/${id}/pay`, card)
  const { invoice } = await stripe.checkout.sessions.retrieve(id)
  expect(await parseNewest('invoice.paid')).toEqual({
    ...{ objectId: invoice, purchaseId, site: 'shop', paymentIntentId: null, snapshots: [], needsRefresh: true },
  })
})

test('an event type without a handler is not parsed', async () => {
  await stripe.customers.create({ email: 'alice@example.com' })
  const [event] = (await stripe.events.list({ type: 'customer.created', limit: 1 })).data
  expect(event && parseEvent(event)).toBeNull()
})
