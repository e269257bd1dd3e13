import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { startServer, startWorker } from '@pay-to-view/testing/app-process'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBalancer } from './rolling-restart/load-balancer.ts'

// Two servers behind a load balancer and two workers: the stack's own worker looks at another queue, its own server is not asked.
const stack = useStack({ workerEnvironment: { TASK_QUEUE: 'not-here' } })
const drain = { DRAIN_SECONDS: '1' }

let servers: Awaited<ReturnType<typeof startServer>>[]
let workers: Awaited<ReturnType<typeof startWorker>>[]
let balancer: Awaited<ReturnType<typeof startBalancer>>

beforeAll(async () => {
  const at = stack().stack
  servers = await Promise.all([startServer(at, { env: drain }), startServer(at, { env: drain })])
  workers = await Promise.all([startWorker(at), startWorker(at)])
  balancer = await startBalancer(servers.map(({ url }) => url))
  const { data } = await stack().stripe.webhookEndpoints.list()
  for (const { id } of data) {
    await stack().stripe.webhookEndpoints.update(id, { url: `${balancer.url}/client/v1/webhooks/stripe` })
  }
}, 120_000)

afterAll(async () => {
  await Promise.all([...(servers ?? []), ...(workers ?? [])].map((one) => one.stop()))
  await balancer?.close()
}, 60_000)

const viewer = async (): Promise<{ user: string; client: PayToViewClient }> => {
  const user = stack().newUser()
  return { user, client: createPayToViewClient({ url: balancer.url, token: await stack().token(user) }) }
}

/** Buys until it is told to stop; returns what was paid. */
const buy = async (stop: AbortSignal): Promise<string[]> => {
  const paid: string[] = []
  while (!stop.aborted) {
    const { client } = await viewer()
    const { purchaseId, sessionId } = await stack().create(client)
    expect(await stack().pay(sessionId)).toBe(200)
    paid.push(purchaseId)
    await waitFor('the access', async () => (await client.access.check.query({ entityId: seedIds.film })).hasAccess, {
      timeoutMs: 30_000,
    })
    expect((await client.purchases.list.query({})).items).toMatchObject([{ purchaseId, status: 'Completed' }])
  }
  return paid
}

/** A page that waits for its access from now on. */
const watch = async () => {
  const { client } = await viewer()
  const heard: boolean[] = []
  const errors: unknown[] = []
  const { unsubscribe } = client.access.watch.subscribe(
    { entityId: seedIds.film },
    { onData: ({ hasAccess }) => heard.push(hasAccess), onError: (error) => errors.push(error) },
  )
  await waitFor('the first state', () => heard.length > 0, { timeoutMs: 10_000 })
  return { client, heard, errors, unsubscribe }
}

test('servers and workers are restarted one by one under load, and no request fails, no payment is lost', async () => {
  const pages = await Promise.all([watch(), watch(), watch(), watch()])
  const stop = new AbortController()
  const load = Promise.all([buy(stop.signal), buy(stop.signal), buy(stop.signal)])
  load.catch((error: unknown) => stop.abort(error))

  for (const [at, server] of servers.entries()) {
    const hasAnswered = (more: number) =>
      waitFor('its share of the load', () => balancer.answered(server.url) > more, { timeoutMs: 30_000, signal: stop.signal })
    await hasAnswered(10)
    expect(await server.stop()).toBe(0)
    servers[at] = await startServer(stack().stack, { port: server.port, env: drain })
    await hasAnswered(balancer.answered(server.url) + 10)
  }
  for (const [at, worker] of workers.entries()) {
    expect(await worker.stop()).toBe(0)
    workers[at] = await startWorker(stack().stack)
  }
  stop.abort()
  const paid = (await load).flat()
  expect(balancer.failures).toEqual([])
  expect(paid.length).toBeGreaterThan(10)

  const rows = await stack().query('select status, count(*)::int as count from purchases where id = any($1) group by status', [
    paid,
  ])
  expect(rows).toEqual([{ status: 'Completed', count: paid.length }])
  // Pages that were open all the time have connected again by themselves, and hear.
  for (const page of pages) {
    const { sessionId } = await stack().create(page.client)
    await stack().pay(sessionId)
    await waitFor('the page to turn', () => page.heard.at(-1) === true, { timeoutMs: 30_000 })
    expect(page.errors).toEqual([])
    page.unsubscribe()
  }
  expect(balancer.failures).toEqual([])
}, 240_000)

test('a server that was told to stop answers until its drain time is over, closes the connection, and is not ready', async () => {
  const server = await startServer(stack().stack, { env: drain })
  const since = performance.now()
  const stopped = server.stop()
  const said = await waitFor(
    'the answer that it leaves',
    async () => {
      const answer = await fetch(`${server.url}/readyz`)
      return answer.status === 503 ? { connection: answer.headers.get('connection'), body: await answer.json() } : null
    },
    { timeoutMs: 5_000, intervalMs: 20 },
  )
  expect(said).toEqual({ connection: 'close', body: { draining: true } })
  const products = await fetch(`${server.url}/client/v1/pay-to-view/products?entityId=${seedIds.film}`)
  expect([products.status, products.headers.get('connection')]).toEqual([200, 'close'])
  const healthy = await fetch(`${server.url}/healthz`)
  expect(healthy.status).toBe(200)
  expect(await stopped).toBe(0)
  expect(performance.now() - since).toBeGreaterThan(1_000)
})
