import { createServer, type Server, type Socket } from 'node:net'
import { startServer } from '@pay-to-view/testing/server-process'
import { seeded, useStack } from '@pay-to-view/testing/stack'
import { startWorker } from '@pay-to-view/testing/worker-process'
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

/** A part that takes connections and never says a word, as a frozen machine does. */
const silent = async () => {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The silent part has no port')
  return {
    port: address.port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const stack = useStack()
let part: Awaited<ReturnType<typeof silent>>
let withoutTemporal: Awaited<ReturnType<typeof startServer>>
let withoutPostgres: Awaited<ReturnType<typeof startServer>>
let token: string

/** The stack's, at the silent part. */
const silentDatabase = (): string => {
  const database = new URL(stack().stack.databaseUrl)
  database.host = `127.0.0.1:${part.port}`
  return database.href
}

beforeAll(async () => {
  part = await silent()
  const { stack: real } = stack()
  ;[withoutTemporal, withoutPostgres] = await Promise.all([
    startServer({ ...real, temporalAddress: `127.0.0.1:${part.port}` }, { ready: '/healthz' }),
    startServer({ ...real, databaseUrl: silentDatabase() }, { ready: '/healthz' }),
  ])
  token = await fetchToken(real.issuer, { user: 'alice' })
}, 120_000)

afterAll(async () => {
  part?.close()
  await Promise.all([withoutTemporal?.stop(), withoutPostgres?.stop()])
}, 60_000)

const stripe = new Stripe('sk_test_unused')

/** An event as Stripe signs it. */
const deliver = (url: string, event: object) => {
  const payload = JSON.stringify(event)
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: stack().stack.webhookSecret })
  return createHttpClient(() => url).post('/client/v1/webhooks/stripe', {
    body: payload,
    headers: { 'stripe-signature': signature },
  })
}

const completed = (id: string, payToViewPurchaseId: string) => ({
  id,
  object: 'event',
  type: 'checkout.session.completed',
  created: Math.floor(Date.now() / 1000),
  livemode: false,
  data: {
    object: {
      id: `cs_test_${id}`,
      object: 'checkout.session',
      status: 'complete',
      payment_status: 'unpaid',
      amount_total: 499,
      currency: 'usd',
      payment_intent: null,
      metadata: { payToViewPurchaseId, userId: 'alice', entityId: seeded.film },
    },
  },
})

const purchases = '/client/v1/pay-to-view/purchases'
const wanted = { payToViewProductId: seeded.thirtyDays, entityId: seeded.film, returnUrl: 'https://yoursite.com/' }

test('an event that lacks what Stripe sends is refused and named, and stops nobody', async () => {
  const { api } = stack().stack
  const broken = { id: 'evt_broken', object: 'event', type: 'checkout.session.completed', data: { object: { id: 'cs_test_1' } } }
  expect(await deliver(api, broken)).toMatchObject({
    status: 400,
    body: { code: 'validation', errors: [{ field: 'body', message: expect.stringContaining('evt_broken') }] },
  })
  expect(await stack().query("SELECT id FROM stripe_events WHERE id = 'evt_broken'")).toEqual([])
})

test('a completed checkout that names no payment waits: Stripe is asked, nobody is let in and nothing is over', async () => {
  const { client, create, query } = stack()
  const viewer = await client('waiting')
  const { purchaseId } = await create(viewer)
  expect(await deliver(stack().stack.api, completed('evt_nameless', purchaseId))).toMatchObject({ status: 200 })
  await expect
    .poll(() => query("SELECT applied_at IS NOT NULL AS applied FROM stripe_events WHERE id = 'evt_nameless'"), {
      timeout: 20_000,
    })
    .toEqual([{ applied: true }])
  expect(await viewer.purchases.get.query({ id: purchaseId })).toMatchObject({
    status: 'Pending',
    hasAccess: false,
    processing: true,
  })
})

test('Temporal that does not answer: 503 that says so, for a viewer, for Stripe and for whoever asks whether it is ready', async () => {
  const { get, post } = createHttpClient(() => withoutTemporal.url)
  const viewer = await stack().client('told')
  const { purchaseId } = await stack().create(viewer)
  const [ready, create, webhook, history] = await Promise.all([
    get('/readyz'),
    post(purchases, { token, body: wanted }),
    deliver(withoutTemporal.url, completed('evt_unheard', purchaseId)),
    get(purchases, { token }),
  ])
  expect(ready).toMatchObject({ status: 503, body: { database: 'ok', temporal: 'away' } })
  expect(create).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } })
  expect(create.headers.get('retry-after')).toBe('2')
  expect(webhook).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } })
  expect(history.status).toBe(200)
  // Kept, and not passed on: Stripe's next try, or the reconciler, goes on from here.
  expect(await stack().query("SELECT outcome, dispatched_at FROM stripe_events WHERE id = 'evt_unheard'")).toEqual([
    { outcome: 'received', dispatched_at: null },
  ])
})

test('a worker whose Postgres does not answer lives, and is not ready', async () => {
  const worker = await startWorker({ ...stack().stack, databaseUrl: silentDatabase() }, { ready: '/healthz' })
  const { get } = createHttpClient(() => worker.url)
  expect(await get('/readyz')).toMatchObject({ status: 503, body: { database: 'away', temporal: 'ok' } })
  expect(await get('/healthz')).toMatchObject({ status: 200 })
  expect(await worker.stop()).toBe(0)
}, 60_000)

test('Postgres that does not answer: 503 that says so', async () => {
  const { get, post } = createHttpClient(() => withoutPostgres.url)
  const [ready, create, webhook, history] = await Promise.all([
    get('/readyz'),
    post(purchases, { token, body: wanted }),
    deliver(withoutPostgres.url, completed('evt_unkept', 'ptv_01m85eetz2e8qthwsqr5v0dh8g')),
    get(purchases, { token }),
  ])
  expect(ready).toMatchObject({ status: 503, body: { database: 'away', temporal: 'ok' } })
  for (const answer of [create, webhook, history]) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
  }
})
