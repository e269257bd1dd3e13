import { insertPurchase, newPurchaseId } from '@pay-to-view/db'
import { seedIds } from '@pay-to-view/devstack'
import { createGateway, createStripe, type StripeGateway } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { alertRejectedKey, createEventIngestor, markDispatched } from '../src/index.ts'

// Two sites that share one Stripe account, so each site receives the events of both sites.

let database: Database
let emulator: Awaited<ReturnType<typeof startStripeEmulator>>
let stripe: Stripe

beforeAll(async () => {
  database = await startDatabase()
  emulator = await startStripeEmulator({})
  stripe = createStripe({ secretKey: 'sk_test_sites', apiBase: emulator.url })
})
afterAll(async () => {
  await emulator?.close()
  await database?.stop()
})
beforeEach(async () => {
  await database.db.alert.deleteMany()
})

const unexpected = (): never => {
  throw new Error('Unexpected call')
}
const purchases: PurchaseClient = new Proxy(Object.create(null), {
  get: (_, name) => (name === 'signalStripeEvent' ? async () => undefined : unexpected),
})

const ingestorOf = (site?: string) =>
  createEventIngestor({ db: database.db, stripe: createGateway(stripe), purchases, livemode: false, site })

/** Expires a session and returns its event. */
const eventOf = async (metadata: Record<string, string>): Promise<Stripe.Event> => {
  const price_data = { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } }
  const { id } = await stripe.checkout.sessions.create({
    ...{ mode: 'payment', success_url: 'https://example.com/', metadata, payment_intent_data: { metadata } },
    line_items: [{ quantity: 1, price_data }],
  })
  await stripe.checkout.sessions.expire(id)
  const [event] = (await stripe.events.list({ type: 'checkout.session.expired', limit: 1 })).data
  if (!event) throw new Error('The emulator has no event')
  return event
}

const unknownPurchase = (site?: string) => ({
  ...{ payToViewPurchaseId: newPurchaseId(), userId: 'alice' },
  ...(site !== undefined && { payToViewSite: site }),
})

const alerts = () => database.db.alert.findMany({ select: { kind: true, detail: true } })

test('an event from another site is foreign, and raises no alert', async () => {
  expect(await ingestorOf('production').ingest(await eventOf(unknownPurchase('staging')), 'webhook')).toBe('foreign')
  // For a site without a name, an event that names a site is foreign too.
  expect(await ingestorOf().ingest(await eventOf(unknownPurchase('staging')), 'webhook')).toBe('foreign')
  expect(await alerts()).toEqual([])
})

test('an event from another site stays foreign if its purchase exists here, as in a copy of the database', async () => {
  const metadata = unknownPurchase('production')
  await insertPurchase(database.db, {
    ...{ id: metadata.payToViewPurchaseId, userId: 'alice', checkoutRequest: {}, stripeCustomerId: 'cus_1' },
    entity: { id: seedIds.film, type: 'video', title: 'Nosferatu' },
    product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 },
    checkoutDeadline: new Date(Date.now() + 2_400_000),
  })
  expect(await ingestorOf('staging').ingest(await eventOf(metadata), 'webhook')).toBe('foreign')
  expect(await ingestorOf('production').ingest(await eventOf(metadata), 'webhook')).toBe('dispatched')
  const { payToViewSite: _, ...unnamed } = metadata
  expect(await ingestorOf('production').ingest(await eventOf(unnamed), 'webhook')).toBe('dispatched')
})

/** Pays and refunds a session with this metadata, and returns the event of the refund. */
const refundEventOf = async (metadata: Record<string, string>): Promise<Stripe.Event> => {
  const { id } = await stripe.checkout.sessions.create({
    ...{ mode: 'payment', success_url: 'https://example.com/', metadata, payment_intent_data: { metadata } },
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
  })
  await fetch(`${emulator.url}/_test/checkout/sessions/${id}/pay`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"card":"4242424242424242"}' },
  })
  const { payment_intent } = await stripe.checkout.sessions.retrieve(id)
  await stripe.refunds.create({ payment_intent: String(payment_intent) })
  const [event] = (await stripe.events.list({ type: 'refund.created', limit: 1 })).data
  if (!event) throw new Error('The emulator has no event')
  return event
}

test('a refund of another site is recognized by the metadata of its payment', async () => {
  const event = await refundEventOf(unknownPurchase('staging'))
  expect(await ingestorOf('production').ingest(event, 'webhook')).toBe('foreign')
  expect(await alerts()).toEqual([])
})

test('all orphan events of a day share one alert, which has their number and the latest ten', async () => {
  const ingestor = ingestorOf('production')
  const events: Stripe.Event[] = []
  for (let n = 0; n < 12; n++) events.push(await eventOf(unknownPurchase(n % 2 === 0 ? 'production' : undefined)))
  for (const event of events) expect(await ingestor.ingest(event, 'webhook')).toBe('orphan')
  // A redelivered event is not counted again, even by another server.
  expect(await ingestorOf('production').ingest(events.at(-1) ?? unexpected(), 'webhook')).toBe('duplicate')
  const latest = events.map(({ id, type }) => expect.objectContaining({ eventId: id, type })).toReversed()
  expect(await alerts()).toEqual([{ kind: 'orphan_event', detail: { count: 12, latest: latest.slice(0, 10) } }])
})

test('an event that its workflow has set aside before the dispatch was recorded stays set aside', async () => {
  const metadata = { ...unknownPurchase(), payToViewPurchaseId: 'ptv_set_aside' }
  const event = await eventOf(metadata)
  await ingestorOf().ingest(event, 'webhook')
  await database.db.stripeEvent.update({ where: { id: event.id }, data: { outcome: 'set_aside', purchaseId: null } })
  await markDispatched(database.db, event.id, 'ptv_set_aside')
  expect(await database.db.stripeEvent.findUniqueOrThrow({ where: { id: event.id } })).toMatchObject({
    ...{ outcome: 'set_aside', purchaseId: 'ptv_set_aside', dispatchedAt: expect.any(Date) },
  })
})

test('while Stripe rejects the key or a permission, an alert is open for each; it is resolved when Stripe accepts it', async () => {
  const listener = alertRejectedKey(database.db)
  const call = (operation: string, status: number | null) =>
    listener({ operation, status, requestId: null, startedAt: Date.now(), durationMs: 1 })
  const open = async () =>
    (await database.db.alert.findMany({ where: { kind: 'stripe_key_rejected', resolvedAt: null } })).map(({ detail }) => detail)
  const isOpen = (...expected: object[]) =>
    expect.poll(open, { timeout: 5_000 }).toEqual(expected.map((detail) => expect.objectContaining(detail)))
  const disputes = { operation: 'GET /v1/disputes', status: 403 }
  call(disputes.operation, 403)
  await isOpen(disputes)
  // Neither a rate limit nor the success of another operation proves that the permission exists.
  call(disputes.operation, 429)
  call(disputes.operation, null)
  call('GET /v1/refunds', 401)
  await isOpen(disputes, { operation: 'GET /v1/refunds', status: 401 })
  call('GET /v1/refunds', 200)
  await isOpen(disputes)
  // Another process, which did not open the alert, resolves it.
  alertRejectedKey(database.db)({ ...disputes, status: 200, requestId: null, startedAt: Date.now(), durationMs: 1 })
  await isOpen()
})

test('while Stripe does not respond, webhooks that need it are recorded and left to the reconciler, except for two that wait', async () => {
  const refundEvent = await refundEventOf(unknownPurchase('staging'))
  const answers: (() => void)[] = []
  const silent: StripeGateway = {
    ...createGateway(stripe),
    findPurchase: () => new Promise((resolve) => answers.push(() => resolve(null))),
  }
  const ingestor = createEventIngestor({ db: database.db, stripe: silent, purchases, livemode: false })
  const event = (n: number): Stripe.Event =>
    Object.assign({}, refundEvent, {
      id: `evt_lookup_${n}`,
      data: { object: { ...refundEvent.data.object, payment_intent: `pi_${n}` } },
    })
  const waiting = [1, 2].map((n) => ingestor.ingest(event(n), 'webhook'))
  await expect.poll(() => answers.length).toBe(2)
  expect(await ingestor.ingest(event(3), 'webhook')).toBe('deferred')
  const reconciled = ingestor.ingest(event(4), 'reconcile')
  await expect.poll(() => answers.length).toBe(3)
  for (const answer of answers.splice(0)) answer()
  expect(await Promise.all([...waiting, reconciled])).toEqual(['foreign', 'foreign', 'foreign'])
  // Lookups are possible again, and the deferred event has not been dispatched yet.
  const again = ingestor.ingest(event(3), 'webhook')
  await expect.poll(() => answers.length).toBe(1)
  answers[0]?.()
  expect(await again).toBe('foreign')
})
