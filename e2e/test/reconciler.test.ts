import { applyFacts, createDb, type Db, insertPurchase, newPurchaseId } from '@pay-to-view/db'
import { createEventIngestor, createReconciler, type Drift, ReconcileIncompleteError } from '@pay-to-view/ingestion'
import type { Snapshot } from '@pay-to-view/purchase'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { createPurchaseClient, type PurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The Schedule stays away: what is mended here is mended by the test's own reconciler.
const stack = useStack({ workerEnvironment: { RECONCILE_EVERY: '86400' } })
let db: Db
let purchases: PurchaseClient
let temporal: ReturnType<typeof createTemporalClient>
let stripe: ReturnType<typeof createGateway>
let ingestor: ReturnType<typeof createEventIngestor>
let reconciler: ReturnType<typeof createReconciler>

beforeAll(() => {
  const { databaseUrl, temporalAddress: address, temporalNamespace: namespace, stripeApi } = stack().stack
  db = createDb(databaseUrl)
  temporal = createTemporalClient({ address, namespace, tls: false })
  stripe = createGateway(createStripe({ secretKey: 'sk_test_operator', apiBase: stripeApi }))
  purchases = createPurchaseClient({ client: temporal, taskQueue: 'pay-to-view' })
  ingestor = createEventIngestor({ db, stripe, purchases, livemode: false })
  reconciler = createReconciler({ db, stripe, purchases, ingestor, graceSeconds: 0 })
})
afterAll(async () => {
  await temporal?.connection.close()
  await db?.$disconnect()
})

/** One run, as the Schedule does it: what it told, and what it could not do. */
const run = async () => {
  const told: Drift[] = []
  const failed = await reconciler.reconcileFromCursor(Date.now(), { onDrift: (drift) => told.push(drift) }).then(
    () => null,
    (error: unknown) => error,
  )
  return { told: told.map(({ kind, id }) => `${kind} ${id}`), failed }
}

const cursor = async () => (await db.cursor.findUniqueOrThrow({ where: { name: 'stripe-events' } })).at.getTime()

/** A purchase of which Stripe's every webhook is lost: the event that says that it was paid. */
const lost = async () => {
  const { client, newUser, create, pay, stripe } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  const { data } = await stripe.events.list({ type: 'checkout.session.completed', limit: 1 })
  return { viewer, purchaseId, event: data[0]?.id ?? '' }
}

test('events that can never be passed on keep nothing else waiting: the rest is mended and counted, and they are named', async () => {
  const { emulator, query, waitForStatus } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  await emulator('faults', { on: 'api', path: '/v1/payment_intents/pi_unreachable', effect: 'error' })
  const keep = (id: string, payment: string, minutes: number) =>
    query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at)
       values ($1, 'charge.refunded', now(), 'ch_1', false, 'received', $2, 'webhook', now() - $3 * interval '1 minute')`,
      [id, JSON.stringify({ purchaseId: null, paymentIntentId: payment, snapshots: [], needsRefresh: true }), minutes],
    )
  const never = Array.from({ length: 6 }, (_, nth) => `evt_never${nth}`)
  for (const [nth, id] of never.entries()) await keep(id, `pi_unreachable${nth}`, 60)
  await keep('evt_foreign', 'pi_unknown', 30)
  const stopped = newPurchaseId()
  await insertPurchase(db, {
    ...{ id: stopped, userId: 'nobody', entity: { id: seedIds.film, title: 'Nosferatu', channelId: null } },
    product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 },
    ...{ checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: 'cus_nobody' },
  })
  await query("update purchases set created_at = now() - interval '1 hour' where id = $1", [stopped])
  const { viewer, purchaseId, event } = await lost()
  const { told, failed } = await run()
  expect(told).toEqual(
    expect.arrayContaining([`missing_event ${event}`, 'unapplied_event evt_foreign', `stopped_purchase ${stopped}`]),
  )
  expect(told.join()).not.toContain('evt_never')
  expect(failed).toBeInstanceOf(ReconcileIncompleteError)
  for (const id of never) expect(String(failed)).toContain(id)
  await waitForStatus(viewer, purchaseId, 'Completed')
  // The ledger has them: Stripe need not list them again.
  expect(Date.now() - (await cursor())).toBeLessThan(60_000)
  const again = await run()
  expect(again.told).toEqual([])
  await emulator('faults', {}, 'DELETE')
  const mended = await run()
  expect(mended).toEqual({ told: expect.arrayContaining(never.map((id) => `unapplied_event ${id}`)), failed: null })
}, 120_000)

test('an event that the ledger could not take is found again: the cursor does not pass it', async () => {
  const { emulator, query, waitForStatus, stripe } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  const { viewer, purchaseId, event } = await lost()
  const { created } = await stripe.events.retrieve(event)
  await query(`alter table stripe_events add constraint not_this_one check (id <> '${event}')`)
  const other = await lost()
  const { told, failed } = await run()
  expect(told).toContain(`missing_event ${other.event}`)
  expect(String(failed)).toContain(event)
  expect(await cursor()).toBeLessThanOrEqual(created * 1_000)
  await query('alter table stripe_events drop constraint not_this_one')
  expect(await run()).toMatchObject({ told: [`missing_event ${event}`], failed: null })
  await waitForStatus(viewer, purchaseId, 'Completed')
  await emulator('faults', {}, 'DELETE')
}, 120_000)

test('an event that cannot be read is told to the operator once, and never said to be mended', async () => {
  const { emulator, stripe } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://example.com/',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'by hand' } } }],
    // Postgres keeps no NUL.
    metadata: { payToViewPurchaseId: newPurchaseId(), userId: 'a\u0000b' },
  })
  await stripe.checkout.sessions.expire(session.id)
  const { data } = await stripe.events.list({ type: 'checkout.session.expired', limit: 1 })
  const alerts = () => db.alert.count({ where: { kind: 'unreadable_event', dedupeKey: `unreadable_event:${data[0]?.id}` } })
  const until = Math.floor(Date.now() / 1_000) + 1
  const dry = await reconciler.reconcile({ since: until - 3_600, until, dryRun: true })
  expect(dry).toMatchObject({ drift: [], unreadable: [{ id: data[0]?.id, type: 'checkout.session.expired' }] })
  expect(await alerts()).toBe(0)
  for (let nth = 0; nth < 2; nth++) {
    expect(await run()).toEqual({ told: [], failed: null })
    expect(await alerts()).toBe(1)
  }
  await emulator('faults', {}, 'DELETE')
}, 120_000)

test('a run that is ended early has mended what waits here, and the next one goes on from where it was', async () => {
  const { query } = stack()
  const keep = (id: string, reading: object, minutes: number) =>
    query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at)
       values ($1, 'charge.refunded', now(), 'ch_1', false, 'received', $2, 'webhook', now() - $3 * interval '1 minute')`,
      [id, JSON.stringify(reading), minutes],
    )
  // More of those that a newer version has written than are looked at in one go.
  for (let nth = 0; nth < 501; nth++) await keep(`evt_newer${nth}`, { snapshots: 'of another form' }, 60)
  await keep('evt_waiting', { purchaseId: null, paymentIntentId: 'pi_of_nobody', snapshots: [], needsRefresh: true }, 30)
  await query('delete from cursors')
  const end = new AbortController()
  let looks = 0
  const told: string[] = []
  const ended = reconciler.reconcileFromCursor(Date.now(), {
    signal: end.signal,
    onProgress: () => ++looks === 3 && end.abort(),
    onDrift: ({ id }) => told.push(id),
  })
  await expect(ended).rejects.toThrow('aborted')
  expect(told).toEqual(['evt_waiting'])
  const days = (Date.now() - (await cursor())) / 86_400_000
  expect(days).toBeGreaterThan(29)
  expect(days).toBeLessThan(29.8)
  expect(await run()).toMatchObject({ failed: null })
  expect(Date.now() - (await cursor())).toBeLessThan(60_000)
}, 120_000)

test('whoever has paid twice gets access when the first ends in time, although their workflow could not be told for an hour', async () => {
  const made = Math.floor(Date.now() / 1_000) - 60
  const attempt = async () => {
    const id = newPurchaseId()
    const inserted = await insertPurchase(db, {
      ...{ id, userId: 'twice', entity: { id: seedIds.film, title: 'Nosferatu', channelId: null } },
      product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 },
      ...{ checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: 'cus_twice' },
    })
    expect(inserted).toMatchObject({ id })
    const hear = (snapshots: Snapshot[]) => applyFacts(db, { id, snapshots, cause: { kind: 'reconcile' } })
    const pay = (observedAt: number) =>
      hear([
        {
          ...{
            kind: 'session',
            id: `cs_${id}`,
            status: 'complete',
            paymentIntentId: `pi_${id}`,
            userId: 'twice',
            entityId: seedIds.film,
          },
          ...{ hasPaymentIntent: true, createdAt: made, observedAt },
        },
        { kind: 'payment', id: `pi_${id}`, status: 'paid', amount: 499, currency: 'usd', observedAt },
      ])
    return { id, hear, pay }
  }
  const second = await attempt()
  await second.hear([{ kind: 'rejection', id: second.id, code: 'none', observedAt: made }])
  const first = await attempt()
  await first.pay(made + 1)
  await second.pay(made + 2)
  await db.refundRequest.updateMany({
    where: { purchaseId: second.id },
    data: { error: 'refund_failed', respondedAt: new Date() },
  })
  await db.grant.update({ where: { purchaseId: first.id }, data: { expiresAt: new Date(Date.now() - 1_000) } })
  const inAnHour = Date.now() + 3_600_000
  const away = createReconciler({
    ...{ db, stripe, ingestor, graceSeconds: 0 },
    purchases: { ...purchases, signalStripeEvent: () => Promise.reject(new Error('Temporal is away')) },
  })
  await expect(away.reconcileFromCursor(inAnHour)).rejects.toThrow(`${second.id}: Temporal is away`)
  const told: string[] = []
  await reconciler.reconcileFromCursor(inAnHour, { onDrift: ({ id }) => told.push(id) }).catch(() => undefined)
  expect(told).toContain(second.id)
  await expect
    .poll(async () => (await db.grant.findUnique({ where: { purchaseId: second.id } }))?.endedAt, { timeout: 20_000 })
    .toBeNull()
}, 60_000)
