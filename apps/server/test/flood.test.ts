import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import { afterEach, expect, test } from 'vitest'
import { stageServer, webhookSecret } from './stage-server.ts'

let app: FastifyInstance
afterEach(() => app.close())

const { webhooks } = new Stripe('sk_test_unused')
const sendWebhook = async () => {
  const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })
  const signature = webhooks.generateTestHeaderString({ payload, secret: webhookSecret })
  const headers = { 'stripe-signature': signature, 'content-type': 'application/json' }
  return await app.inject({ method: 'POST', url: '/client/v1/webhooks/stripe', payload, headers })
}
const wanted = {
  payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
  entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  returnUrl: 'https://shop.example/',
}
/** Awaited, because an injection that nobody waits for does not begin. */
const buy = async (user: string, url = '/client/v1/pay-to-view/purchases') =>
  await app.inject({ method: 'POST', url, payload: wanted, headers: { authorization: `Bearer ${user}` } })
const owned = { success: false as const, hasAccess: true as const }
const never = (): never => {
  throw new Error('not called here')
}

/** An answer that nobody gives until it is let go. */
const held = <T>(value: T) => {
  let letGo = () => {}
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return { letGo, answer: () => gone.then(() => value) }
}

const small = { most: 2, waiting: 2, patience: 60_000 }
const many = <T>(ask: (at: number) => Promise<T>): Promise<T>[] => Array.from({ length: 20 }, (_, at) => ask(at))
const overloaded = { statusCode: 503, headers: expect.objectContaining({ 'retry-after': '2' }) }

test('a flood of webhooks takes its own turns only: the rest is to come again, and buyers buy', async () => {
  const { letGo, answer } = held('dispatched' as const)
  const purchases = { create: async () => owned, refund: never, accept: never }
  app = await stageServer({ ingestor: { dispatch: answer, ingest: answer }, purchases }, { webhooks: small })
  const flood = many(sendWebhook)
  for (const refused of await Promise.all(flood.slice(4))) {
    expect(refused).toMatchObject(overloaded)
    expect(refused.json()).toMatchObject({ code: 'overloaded', errors: [] })
  }
  for (const bought of await Promise.all(many((at) => buy(`user-${at}`)))) expect(bought.json()).toEqual(owned)
  letGo()
  for (const taken of await Promise.all(flood.slice(0, 4))) expect(taken.statusCode).toBe(200)
})

test('a flood of buyers takes its own turns only: the rest is to come again, by REST and tRPC, and webhooks are taken', async () => {
  const { letGo, answer } = held(owned)
  const ingest = async () => 'dispatched' as const
  const purchases = { create: answer, refund: never, accept: never }
  app = await stageServer({ ingestor: { dispatch: ingest, ingest }, purchases }, { calls: small })
  const flood = many((at) => buy(`user-${at}`))
  for (const refused of await Promise.all(flood.slice(4))) expect(refused).toMatchObject(overloaded)
  const byTrpc = await buy('bob', '/trpc/purchases.create')
  expect(byTrpc).toMatchObject(overloaded)
  expect(byTrpc.json()).toMatchObject({ error: { data: { problem: { code: 'overloaded' } } } })
  for (const taken of await Promise.all(many(sendWebhook))) expect(taken.statusCode).toBe(200)
  letGo()
  for (const bought of await Promise.all(flood.slice(0, 4))) expect(bought.json()).toEqual(owned)
})

test('who has no token is refused without a turn', async () => {
  const { letGo, answer } = held(owned)
  app = await stageServer({ purchases: { create: answer, refund: never, accept: never } }, { calls: { ...small, waiting: 0 } })
  const flood = many((at) => buy(`user-${at}`))
  await Promise.all(flood.slice(2))
  expect(await buy('one-too-many')).toMatchObject(overloaded)
  for (const url of ['/client/v1/pay-to-view/purchases', '/trpc/admin.stuck']) {
    expect((await app.inject({ url })).statusCode).toBe(401)
  }
  letGo()
  for (const bought of await Promise.all(flood.slice(0, 2))) expect(bought.json()).toEqual(owned)
})

test('who is no admin is counted before that is said', async () => {
  app = await stageServer({}, { callsPerUser: 2 })
  const statuses: number[] = []
  for (const _ of [1, 2, 3]) {
    const headers = { authorization: 'Bearer alice' }
    statuses.push((await app.inject({ url: '/trpc/admin.stuck', headers })).statusCode)
  }
  expect(statuses).toEqual([403, 403, 429])
})

test('a user who calls too often gets 429 with Retry-After, by REST, tRPC and within a batch; others do not', async () => {
  app = await stageServer({ purchases: { create: async () => owned, refund: never, accept: never } }, { callsPerUser: 3 })
  for (const _ of [1, 2, 3]) expect((await buy('alice')).statusCode).toBe(200)
  const refused = await buy('alice')
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '10'])
  expect(refused.json()).toMatchObject({ code: 'rate_limited', status: 429 })
  const byTrpc = await buy('alice', '/trpc/purchases.create')
  expect([byTrpc.statusCode, byTrpc.headers['retry-after']]).toEqual([429, '10'])
  expect((await buy('bob')).statusCode).toBe(200)
  const batch = await app.inject({
    method: 'POST',
    url: `/trpc/${Array.from({ length: 4 }, () => 'purchases.create').join(',')}?batch=1`,
    payload: Object.fromEntries([0, 1, 2, 3].map((at) => [at, wanted])),
    headers: { authorization: 'Bearer carol' },
  })
  const told = JSON.stringify(batch.json())
  expect([told.match(/"hasAccess":true/g)?.length, told.match(/"code":"rate_limited"/g)?.length]).toEqual([3, 1])
})

test('an address that calls too often gets 429 before its token is looked at; webhooks, health and other addresses do not', async () => {
  const authenticate = () => Promise.reject(new Error('looked at'))
  const ingest = async () => 'dispatched' as const
  const limits = { perAddress: 3, trustProxy: ['127.0.0.1'] }
  app = await stageServer({ authenticate, ingestor: { dispatch: ingest, ingest } }, limits)
  const from = (address: string) =>
    app
      .inject({ url: '/client/v1/pay-to-view/products', headers: { 'x-forwarded-for': address } })
      .then((answer) => answer.statusCode)
  expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([500, 500, 500])
  expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([429, 500])
  for (const taken of await Promise.all(many(sendWebhook))) expect(taken.statusCode).toBe(200)
  for (const alive of await Promise.all(many(() => app.inject('/healthz')))) expect(alive.statusCode).toBe(200)
})

test('who is no proxy of ours cannot say that somebody else calls', async () => {
  app = await stageServer({ authenticate: () => Promise.reject(new Error('looked at')) }, { callsPerAddress: 1 })
  const statuses: number[] = []
  for (const address of ['192.0.2.1', '192.0.2.2']) {
    const headers = { 'x-forwarded-for': address }
    statuses.push((await app.inject({ url: '/client/v1/pay-to-view/products', headers })).statusCode)
  }
  expect(statuses).toEqual([500, 429])
})
