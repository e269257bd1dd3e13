import { createServer, type Server, type Socket } from 'node:net'
import { startServer, startWorker } from '@pay-to-view/testing/app-process'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

/** Starts a server that accepts connections but never responds, like a frozen machine. */
const startUnresponsiveServer = async () => {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The unresponsive server has no port')
  return {
    port: address.port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const stack = useStack()
let unresponsive: Awaited<ReturnType<typeof startUnresponsiveServer>>
let withoutTemporal: Awaited<ReturnType<typeof startServer>>
let withoutPostgres: Awaited<ReturnType<typeof startServer>>
let token: string

/** Returns the stack's database URL with the address of the unresponsive server. */
const unresponsiveDatabaseUrl = (): string => {
  const database = new URL(stack().stack.databaseUrl)
  database.host = `127.0.0.1:${unresponsive.port}`
  return database.href
}

beforeAll(async () => {
  unresponsive = await startUnresponsiveServer()
  const { stack: realStack } = stack()
  ;[withoutTemporal, withoutPostgres] = await Promise.all([
    startServer({ ...realStack, temporalAddress: `127.0.0.1:${unresponsive.port}` }, { ready: '/healthz' }),
    startServer({ ...realStack, databaseUrl: unresponsiveDatabaseUrl() }, { ready: '/healthz' }),
  ])
  token = await fetchToken(realStack.issuer, { user: 'alice' })
}, 120_000)

afterAll(async () => {
  unresponsive?.close()
  await Promise.all([withoutTemporal?.stop(), withoutPostgres?.stop()])
}, 60_000)

const stripe = new Stripe('sk_test_unused')

/** Sends a signed event. */
const sendWebhook = (url: string, event: object) => {
  const payload = JSON.stringify(event)
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: stack().stack.webhookSecret })
  return createHttpClient(() => url).post('/client/v1/webhooks/stripe', {
    body: payload,
    headers: { 'stripe-signature': signature },
  })
}

const completedSession = (id: string, payToViewPurchaseId: string) => ({
  id,
  object: 'event',
  type: 'checkout.session.completed',
  created: Math.floor(Date.now() / 1000),
  livemode: false,
  data: {
    object: {
      id: `cs_test_${id}`,
      object: 'checkout.session',
      created: Math.floor(Date.now() / 1000),
      status: 'complete',
      payment_status: 'unpaid',
      amount_total: 499,
      currency: 'usd',
      payment_intent: null,
      metadata: { payToViewPurchaseId, userId: 'alice', entityId: seedIds.film },
    },
  },
})

/** Polls, because a working dependency may miss the deadline of one check on a busy machine. */
const expectReadiness = async (url: string, body: { database: string; temporal: string }) => {
  const { get } = createHttpClient(() => url)
  await expect.poll(() => get('/readyz'), { timeout: 20_000 }).toMatchObject({ status: 503, body })
}

const purchases = '/client/v1/pay-to-view/purchases'
const createInput = { payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }

test('an event without required fields is rejected with its id in the message, and not recorded', async () => {
  const { api } = stack().stack
  const incomplete = {
    id: 'evt_incomplete',
    object: 'event',
    type: 'checkout.session.completed',
    data: { object: { id: 'cs_test_1' } },
  }
  expect(await sendWebhook(api, incomplete)).toMatchObject({
    status: 400,
    body: { code: 'validation', errors: [{ field: 'body', message: expect.stringContaining('evt_incomplete') }] },
  })
  expect(await stack().query("SELECT id FROM stripe_events WHERE id = 'evt_incomplete'")).toEqual([])
})

test('a completed checkout without a payment intent stays processing: no access, and the purchase is not closed', async () => {
  const { client, create, query } = stack()
  const user = await client('processing')
  const { purchaseId } = await create(user)
  expect(await sendWebhook(stack().stack.api, completedSession('evt_no_payment', purchaseId))).toMatchObject({ status: 200 })
  await expect
    .poll(() => query("SELECT applied_at IS NOT NULL AS applied FROM stripe_events WHERE id = 'evt_no_payment'"), {
      timeout: 20_000,
    })
    .toEqual([{ applied: true }])
  expect(await user.purchases.get.query({ id: purchaseId })).toMatchObject({
    status: 'Pending',
    hasAccess: false,
    processing: true,
  })
})

test('an unresponsive Temporal causes 503 for create, webhooks and /readyz; reads still work', async () => {
  const { get, post } = createHttpClient(() => withoutTemporal.url)
  const user = await stack().client('unresponsive')
  const { purchaseId } = await stack().create(user)
  const [create, webhook, history] = await Promise.all([
    post(purchases, { token, body: createInput }),
    sendWebhook(withoutTemporal.url, completedSession('evt_not_dispatched', purchaseId)),
    get(purchases, { token }),
  ])
  await expectReadiness(withoutTemporal.url, { database: 'ok', temporal: 'unavailable' })
  expect(create).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } })
  expect(create.headers.get('retry-after')).toBe('2')
  expect(webhook).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } })
  expect(history.status).toBe(200)
  // The event is recorded but not dispatched until Stripe delivers it again or the reconciler finds it.
  expect(await stack().query("SELECT outcome, dispatched_at FROM stripe_events WHERE id = 'evt_not_dispatched'")).toEqual([
    { outcome: 'received', dispatched_at: null },
  ])
})

test('a worker with an unresponsive Postgres is healthy but not ready', async () => {
  const worker = await startWorker({ ...stack().stack, databaseUrl: unresponsiveDatabaseUrl() }, { ready: '/healthz' })
  const { get } = createHttpClient(() => worker.url)
  await expectReadiness(worker.url, { database: 'unavailable', temporal: 'ok' })
  expect(await get('/healthz')).toMatchObject({ status: 200 })
  const startedAt = performance.now()
  const metrics = await get('/metrics')
  expect(performance.now() - startedAt).toBeLessThan(2_000)
  expect(metrics).toMatchObject({ status: 200, body: expect.stringMatching(/^pay_to_view_backlog_tasks\{kind="workflow"\} \d/m) })
  expect(metrics.body).toMatch(/^pay_to_view_state_age_seconds\{source="database"\} [1-9]/m)
  const laterMetrics = async () => (await get('/metrics')).body
  await expect.poll(laterMetrics, { timeout: 10_000 }).toMatch(/^pay_to_view_state_age_seconds\{source="temporal"\} 0/m)
  expect(await worker.stop()).toBe(0)
}, 60_000)

test('an unresponsive Postgres causes 503 for every call and for /readyz', async () => {
  const { get, post } = createHttpClient(() => withoutPostgres.url)
  const [create, webhook, history] = await Promise.all([
    post(purchases, { token, body: createInput }),
    sendWebhook(withoutPostgres.url, completedSession('evt_not_recorded', 'ptv_01m85eetz2e8qthwsqr5v0dh8g')),
    get(purchases, { token }),
  ])
  await expectReadiness(withoutPostgres.url, { database: 'unavailable', temporal: 'ok' })
  for (const response of [create, webhook, history]) {
    expect(response).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
  }
})
