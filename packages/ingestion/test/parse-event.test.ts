import { createStripe } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type eventTypes, parseEvent } from '../src/index.ts'

let emulator: Awaited<ReturnType<typeof startStripeEmulator>>
let stripe: Stripe

beforeAll(async () => {
  emulator = await startStripeEmulator({})
  stripe = createStripe({ secretKey: 'sk_test_events', apiBase: emulator.url })
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

const purchaseId = 'ptv_01m85eetz2e8qthwsqr5v0dh8g'
const metadata = { payToViewPurchaseId: purchaseId, userId: 'alice', entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g' }

const checkout = async (how?: object) => {
  const { id } = await stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode: 'embedded_page',
    redirect_on_completion: 'never',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
    metadata,
  })
  if (how) await helper(`checkout/sessions/${id}/pay`, how)
  const { payment_intent } = await stripe.checkout.sessions.retrieve(id)
  const payment = typeof payment_intent === 'string' ? payment_intent : ''
  const charges = payment === '' ? [] : (await stripe.charges.list({ payment_intent: payment })).data
  return { id, payment, charge: charges[0]?.id }
}

/** What is read from the newest event of a type. */
const told = async (type: (typeof eventTypes)[number]) => {
  const [event] = (await stripe.events.list({ type, limit: 1 })).data
  if (!event) throw new Error(`Stripe told nothing of the type ${type}`)
  return parseEvent(event)
}

test('a checkout that was paid by card: the session and its payment, of the purchase that the metadata names', async () => {
  const { id, payment } = await checkout({ card: '4242424242424242' })
  expect(await told('checkout.session.completed')).toMatchObject({
    ...{ objectId: id, purchaseId, payment, ask: false },
    snapshots: [
      { kind: 'session', id, status: 'complete', payment, userId: 'alice', entityId: metadata.entityId },
      { kind: 'payment', id: payment, status: 'paid', amount: 499, currency: 'usd' },
    ],
  })
})

test('a bank debit: completed is not paid; it succeeds or fails later', async () => {
  const one = await checkout({ method: 'us_bank_account' })
  const payment = (status: string) => ({ snapshots: [{ status: 'complete' }, { kind: 'payment', status }] })
  expect(await told('checkout.session.completed')).toMatchObject(payment('processing'))
  await helper(`payment_intents/${one.payment}/settle`, { outcome: 'succeeded' })
  expect(await told('checkout.session.async_payment_succeeded')).toMatchObject(payment('paid'))
  const two = await checkout({ method: 'us_bank_account' })
  await helper(`payment_intents/${two.payment}/settle`, { outcome: 'failed' })
  expect(await told('checkout.session.async_payment_failed')).toMatchObject(payment('failed'))
})

test('a checkout that ended unpaid', async () => {
  const { id } = await checkout()
  await helper(`checkout/sessions/${id}/expire`)
  expect(await told('checkout.session.expired')).toMatchObject({
    purchaseId,
    snapshots: [{ id, status: 'expired', payment: null }],
  })
})

test('a refund names its payment; the charge only hints that there is one', async () => {
  const { payment } = await checkout({ card: '4242424242424242' })
  const refund = await stripe.refunds.create({ payment_intent: payment, amount: 100, metadata: { payToViewRequestId: 'r1' } })
  const snapshot = { kind: 'refund', id: refund.id, payment, amount: 100, createdAt: refund.created, requestId: 'r1' }
  expect(await told('refund.created')).toMatchObject({ purchaseId: null, payment, ask: true, snapshots: [snapshot] })
  expect(await told('charge.refunded')).toMatchObject({ purchaseId: null, payment, ask: true, snapshots: [] })
  await helper(`refunds/${refund.id}/fail`)
  expect(await told('refund.failed')).toMatchObject({ snapshots: [{ ...snapshot, status: 'failed' }] })
  expect(await told('refund.updated')).toMatchObject({ payment, ask: true })
})

test('a dispute: what it withholds, and how it ends', async () => {
  const { payment, charge } = await checkout({ card: '4242424242424242' })
  await helper(`charges/${charge}/dispute`)
  const dispute = (await stripe.disputes.list({ payment_intent: payment })).data[0]?.id
  const snapshot = (status: string, withdrawn: boolean) => ({
    ...{ payment, ask: true },
    snapshots: [{ kind: 'dispute', id: dispute, payment, amount: 499, status, withdrawn }],
  })
  expect(await told('charge.dispute.created')).toMatchObject(snapshot('needs_response', false))
  expect(await told('charge.dispute.funds_withdrawn')).toMatchObject(snapshot('needs_response', true))
  await helper(`disputes/${dispute}/win`)
  expect(await told('charge.dispute.closed')).toMatchObject(snapshot('won', true))
  expect(await told('charge.dispute.funds_reinstated')).toMatchObject(snapshot('won', false))
  await helper(`charges/${(await checkout({ card: '4242424242424242' })).charge}/dispute`, { status: 'warning_needs_response' })
  expect(await told('charge.dispute.created')).toMatchObject({
    snapshots: [{ status: 'warning_needs_response', withdrawn: false }],
  })
})

test('anything else says nothing', async () => {
  await stripe.customers.create({ email: 'alice@example.com' })
  const [event] = (await stripe.events.list({ type: 'customer.created', limit: 1 })).data
  expect(event && parseEvent(event)).toBeNull()
})
