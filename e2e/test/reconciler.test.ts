import { applyFacts, closeDb, createDb, type Db, insertPurchase, newPurchaseId } from '@pay-to-view/db'
import { createEventIngestor, createReconciler, type Drift, ReconcileIncompleteError } from '@pay-to-view/ingestion'
import type { Snapshot } from '@pay-to-view/purchase'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { createPurchaseClient, type PurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The scheduled reconciler does not run during the tests, so only this file's reconciler makes repairs.
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
  if (db) await closeDb(db)
})

/** Runs the reconciler once, as the schedule does. Returns the repaired drift, and the error if there is one. */
const run = async () => {
  const drift: Drift[] = []
  const error = await reconciler.reconcileFromCursor(Date.now(), { onDrift: (found) => drift.push(found) }).then(
    () => null,
    (error: unknown) => error,
  )
  return { drift: drift.map(({ kind, id }) => `${kind} ${id}`), error }
}

const cursor = async () => (await db.cursor.findUniqueOrThrow({ where: { name: 'stripe-events' } })).at.getTime()

/** Creates and pays a purchase whose webhooks are lost. Returns the id of the payment event. */
const createWithLostWebhooks = async () => {
  const { client, newUser, create, pay, stripe } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  const { data } = await stripe.events.list({ type: 'checkout.session.completed', limit: 1 })
  return { user, purchaseId, event: data[0]?.id ?? '' }
}

test('events that cannot be dispatched do not delay other events, which are repaired and counted, and the error lists the failed events', async () => {
  const { emulator, query, waitForStatus } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  await emulator('faults', { on: 'api', path: '/v1/payment_intents/pi_unreachable', effect: 'error' })
  const insertEvent = (id: string, payment: string, minutes: number) =>
    query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at)
       values ($1, 'charge.refunded', now(), 'ch_1', false, 'received', $2, 'webhook', now() - $3 * interval '1 minute')`,
      [id, JSON.stringify({ purchaseId: null, paymentIntentId: payment, snapshots: [], needsRefresh: true }), minutes],
    )
  const undeliverable = Array.from({ length: 6 }, (_, index) => `evt_undeliverable${index}`)
  for (const [index, id] of undeliverable.entries()) await insertEvent(id, `pi_unreachable${index}`, 60)
  await insertEvent('evt_foreign', 'pi_unknown', 30)
  const stopped = newPurchaseId()
  await insertPurchase(db, {
    ...{ id: stopped, userId: 'unused', entity: { id: seedIds.film, type: 'video', title: 'Nosferatu' } },
    product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 },
    ...{ checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: 'cus_unused' },
  })
  await query("update purchases set created_at = now() - interval '1 hour' where id = $1", [stopped])
  const { user, purchaseId, event } = await createWithLostWebhooks()
  const { drift, error } = await run()
  expect(drift).toEqual(
    expect.arrayContaining([`missing_event ${event}`, 'unapplied_event evt_foreign', `stopped_purchase ${stopped}`]),
  )
  expect(drift.join()).not.toContain('evt_undeliverable')
  expect(error).toBeInstanceOf(ReconcileIncompleteError)
  for (const id of undeliverable) expect(String(error)).toContain(id)
  await waitForStatus(user, purchaseId, 'Completed')
  // The cursor has advanced: the events are in the ledger and do not need to be listed again.
  expect(Date.now() - (await cursor())).toBeLessThan(60_000)
  const second = await run()
  expect(second.drift).toEqual([])
  await emulator('faults', {}, 'DELETE')
  const repaired = await run()
  expect(repaired).toEqual({ drift: expect.arrayContaining(undeliverable.map((id) => `unapplied_event ${id}`)), error: null })
}, 120_000)

test('the cursor does not pass an event that could not be stored, so the next run finds it', async () => {
  const { emulator, query, waitForStatus, stripe } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  const { user, purchaseId, event } = await createWithLostWebhooks()
  const { created } = await stripe.events.retrieve(event)
  await query(`alter table stripe_events add constraint rejected_event check (id <> '${event}')`)
  const other = await createWithLostWebhooks()
  const { drift, error } = await run()
  expect(drift).toContain(`missing_event ${other.event}`)
  expect(String(error)).toContain(event)
  expect(await cursor()).toBeLessThanOrEqual(created * 1_000)
  await query('alter table stripe_events drop constraint rejected_event')
  expect(await run()).toMatchObject({ drift: [`missing_event ${event}`], error: null })
  await waitForStatus(user, purchaseId, 'Completed')
  await emulator('faults', {}, 'DELETE')
}, 120_000)

test('an unreadable event raises one alert and is never reported as repaired', async () => {
  const { emulator, stripe } = stack()
  await emulator('faults', { on: 'webhook', effect: 'drop' })
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://example.com/',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'by hand' } } }],
    // Postgres cannot store a NUL character.
    metadata: { payToViewPurchaseId: newPurchaseId(), userId: 'a\u0000b' },
  })
  await stripe.checkout.sessions.expire(session.id)
  const { data } = await stripe.events.list({ type: 'checkout.session.expired', limit: 1 })
  const alerts = () => db.alert.count({ where: { kind: 'unreadable_event', dedupeKey: `unreadable_event:${data[0]?.id}` } })
  const until = Math.floor(Date.now() / 1_000) + 1
  const dryRun = await reconciler.reconcile({ since: until - 3_600, until, dryRun: true })
  expect(dryRun).toMatchObject({ drift: [], unreadable: [{ id: data[0]?.id, type: 'checkout.session.expired' }] })
  expect(await alerts()).toBe(0)
  for (const _ of ['first run', 'second run']) {
    expect(await run()).toEqual({ drift: [], error: null })
    expect(await alerts()).toBe(1)
  }
  await emulator('faults', {}, 'DELETE')
}, 120_000)

test('an aborted run dispatches the stored events first, and the next run continues at its cursor', async () => {
  const { query } = stack()
  const insertEvent = (id: string, parsed: object, minutes: number) =>
    query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source, received_at)
       values ($1, 'charge.refunded', now(), 'ch_1', false, 'received', $2, 'webhook', now() - $3 * interval '1 minute')`,
      [id, JSON.stringify(parsed), minutes],
    )
  // Inserts events in a newer version's format, more of them than fit into one batch.
  for (let index = 0; index < 501; index++) await insertEvent(`evt_newer${index}`, { snapshots: 'of another form' }, 60)
  await insertEvent('evt_waiting', { purchaseId: null, paymentIntentId: 'pi_unknown', snapshots: [], needsRefresh: true }, 30)
  await query('delete from cursors')
  const abort = new AbortController()
  let progressCalls = 0
  const dispatched: string[] = []
  const aborted = reconciler.reconcileFromCursor(Date.now(), {
    signal: abort.signal,
    onProgress: () => ++progressCalls === 3 && abort.abort(),
    onDrift: ({ id }) => dispatched.push(id),
  })
  await expect(aborted).rejects.toThrow('aborted')
  expect(dispatched).toEqual(['evt_waiting'])
  const days = (Date.now() - (await cursor())) / 86_400_000
  expect(days).toBeGreaterThan(29)
  expect(days).toBeLessThan(29.8)
  expect(await run()).toMatchObject({ error: null })
  expect(Date.now() - (await cursor())).toBeLessThan(60_000)
}, 120_000)

test('a second payment gives access when the first access expires, even if its workflow could not be signaled for an hour', async () => {
  const createdAt = Math.floor(Date.now() / 1_000) - 60
  const createPurchase = async () => {
    const id = newPurchaseId()
    const inserted = await insertPurchase(db, {
      ...{ id, userId: 'twice', entity: { id: seedIds.film, type: 'video', title: 'Nosferatu' } },
      product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 },
      ...{ checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: 'cus_twice' },
    })
    expect(inserted).toMatchObject({ id })
    const apply = (snapshots: Snapshot[]) => applyFacts(db, { id, snapshots, cause: { kind: 'reconcile' } })
    const pay = (observedAt: number) =>
      apply([
        {
          ...{
            kind: 'session',
            id: `cs_${id}`,
            status: 'complete',
            paymentIntentId: `pi_${id}`,
            userId: 'twice',
            entityId: seedIds.film,
          },
          ...{ hasPaymentIntent: true, createdAt, observedAt },
        },
        { kind: 'payment', id: `pi_${id}`, status: 'paid', amount: 499, currency: 'usd', observedAt },
      ])
    return { id, apply, pay }
  }
  const second = await createPurchase()
  await second.apply([{ kind: 'rejection', id: second.id, code: 'none', observedAt: createdAt }])
  const first = await createPurchase()
  await first.pay(createdAt + 1)
  await second.pay(createdAt + 2)
  await db.refundRequest.updateMany({
    where: { purchaseId: second.id },
    data: { error: 'refund_failed', respondedAt: new Date() },
  })
  await db.grant.update({ where: { purchaseId: first.id }, data: { startsAt: new Date(Date.now() - 31 * 86_400_000) } })
  const inAnHour = Date.now() + 3_600_000
  const withoutTemporal = createReconciler({
    ...{ db, stripe, ingestor, graceSeconds: 0 },
    purchases: { ...purchases, signalStripeEvent: () => Promise.reject(new Error('Temporal is unavailable')) },
  })
  await expect(withoutTemporal.reconcileFromCursor(inAnHour)).rejects.toThrow(`${second.id}: Temporal is unavailable`)
  const repaired: string[] = []
  await reconciler.reconcileFromCursor(inAnHour, { onDrift: ({ id }) => repaired.push(id) }).catch(() => undefined)
  expect(repaired).toContain(second.id)
  await expect
    .poll(async () => (await db.grant.findUnique({ where: { purchaseId: second.id } }))?.revokedAt, { timeout: 20_000 })
    .toBeNull()
}, 60_000)
