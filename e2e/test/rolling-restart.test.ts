import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { startServer, startWorker } from '@pay-to-view/testing/app-process'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLoadBalancer } from './rolling-restart/load-balancer.ts'

// Tests two servers behind a load balancer, and two workers. The stack's own server gets no requests, and its worker polls another task queue.
const stack = useStack({ workerEnvironment: { TASK_QUEUE: 'unused' } })
// Longer than the load balancer needs to detect that a server is not ready, even on a busy machine.
const drain = { DRAIN_SECONDS: '3' }

let servers: Awaited<ReturnType<typeof startServer>>[]
let workers: Awaited<ReturnType<typeof startWorker>>[]
let balancer: Awaited<ReturnType<typeof startLoadBalancer>>

beforeAll(async () => {
  const addresses = stack().stack
  servers = await Promise.all([startServer(addresses, { env: drain }), startServer(addresses, { env: drain })])
  workers = await Promise.all([startWorker(addresses), startWorker(addresses)])
  balancer = await startLoadBalancer(servers.map(({ url }) => url))
  const { data } = await stack().stripe.webhookEndpoints.list()
  for (const { id } of data) {
    await stack().stripe.webhookEndpoints.update(id, { url: `${balancer.url}/client/v1/webhooks/stripe` })
  }
}, 120_000)

afterAll(async () => {
  await Promise.all([...(servers ?? []), ...(workers ?? [])].map((process) => process.stop()))
  await balancer?.close()
}, 60_000)

const createClient = async (): Promise<PayToViewClient> =>
  createPayToViewClient({ url: balancer.url, token: await stack().token(stack().newUser()) })

/** Makes purchases until the signal is aborted. Returns the ids of the paid purchases. */
const buyRepeatedly = async (signal: AbortSignal): Promise<string[]> => {
  const paid: string[] = []
  while (!signal.aborted) {
    const client = await createClient()
    const { purchaseId, sessionId } = await stack().create(client)
    expect(await stack().pay(sessionId)).toBe(200)
    paid.push(purchaseId)
    await waitFor('access', async () => (await client.access.check.query({ entityId: seedIds.film })).hasAccess, {
      timeoutMs: 30_000,
    })
    expect((await client.purchases.list.query({})).items).toMatchObject([{ purchaseId, status: 'Completed' }])
  }
  return paid
}

/** Opens an access stream, as a page does. */
const watchAccess = async () => {
  const client = await createClient()
  const states: boolean[] = []
  const errors: unknown[] = []
  const { unsubscribe } = client.access.watch.subscribe(
    { entityId: seedIds.film },
    { onData: ({ hasAccess }) => states.push(hasAccess), onError: (error) => errors.push(error) },
  )
  await waitFor('the first state', () => states.length > 0, { timeoutMs: 10_000 })
  return { client, states, errors, unsubscribe }
}

test('servers and workers restart one by one under load without a failed request or a lost payment', async () => {
  const pages = await Promise.all([watchAccess(), watchAccess(), watchAccess(), watchAccess()])
  const stopLoad = new AbortController()
  const load = Promise.all([buyRepeatedly(stopLoad.signal), buyRepeatedly(stopLoad.signal), buyRepeatedly(stopLoad.signal)])
  load.catch((error: unknown) => stopLoad.abort(error))

  for (const [at, server] of servers.entries()) {
    const waitForResponses = (count: number) =>
      waitFor(`responses from ${server.url}`, () => balancer.responseCount(server.url) > count, {
        timeoutMs: 30_000,
        signal: stopLoad.signal,
      })
    await waitForResponses(10)
    expect(await server.stop()).toBe(0)
    servers[at] = await startServer(stack().stack, { port: server.port, env: drain })
    await waitForResponses(balancer.responseCount(server.url) + 10)
  }
  for (const [at, worker] of workers.entries()) {
    expect(await worker.stop()).toBe(0)
    workers[at] = await startWorker(stack().stack)
  }
  stopLoad.abort()
  const paid = (await load).flat()
  expect(balancer.failures).toEqual([])
  expect(paid.length).toBeGreaterThan(10)

  const rows = await stack().query('select status, count(*)::int as count from purchases where id = any($1) group by status', [
    paid,
  ])
  expect(rows).toEqual([{ status: 'Completed', count: paid.length }])
  // The event streams of open pages have reconnected and still receive changes.
  for (const page of pages) {
    const { sessionId } = await stack().create(page.client)
    await stack().pay(sessionId)
    await waitFor('access on the stream', () => page.states.at(-1) === true, { timeoutMs: 30_000 })
    expect(page.errors).toEqual([])
    page.unsubscribe()
  }
  expect(balancer.failures).toEqual([])
}, 240_000)

test('a stopping server responds until its drain time is over, closes each connection, and reports that it is not ready', async () => {
  const server = await startServer(stack().stack, { env: drain })
  const stoppedAt = performance.now()
  const stopped = server.stop()
  const readiness = await waitFor(
    '/readyz to report the drain',
    async () => {
      const response = await fetch(`${server.url}/readyz`)
      return response.status === 503 ? { connection: response.headers.get('connection'), body: await response.json() } : null
    },
    { timeoutMs: 5_000, intervalMs: 20 },
  )
  expect(readiness).toEqual({ connection: 'close', body: { draining: true } })
  const products = await fetch(`${server.url}/client/v1/pay-to-view/products?entityId=${seedIds.film}`)
  expect([products.status, products.headers.get('connection')]).toEqual([200, 'close'])
  const healthy = await fetch(`${server.url}/healthz`)
  expect(healthy.status).toBe(200)
  expect(await stopped).toBe(0)
  expect(performance.now() - stoppedAt).toBeGreaterThan(3_000)
})
