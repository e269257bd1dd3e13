import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildTestServer, webhookSecret } from './test-server.ts'

let app: FastifyInstance
let received: string[]
beforeEach(async () => {
  received = []
  const ingest = async ({ id }: { id: string }) => {
    received.push(id)
    return 'dispatched' as const
  }
  app = await buildTestServer({ ingestor: { dispatch: async () => 'dispatched', ingest } })
})
afterEach(() => app.close())

const { webhooks } = new Stripe('sk_test_unused')
const event = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })
const sign = (payload: string, { secret = webhookSecret, ageSeconds = 0 } = {}): string =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(Date.now() / 1000) - ageSeconds })
const sendWebhook = async (payload: string | Buffer, headers: Record<string, string | string[]>) =>
  await app.inject({ method: 'POST', url: '/client/v1/webhooks/stripe', payload, headers })

test('a signed webhook is accepted, with or without a charset', async () => {
  const headers = { 'stripe-signature': sign(event), 'content-type': 'application/json; charset=utf-8' }
  expect((await sendWebhook(event, headers)).statusCode).toBe(200)
  expect(received).toEqual(['evt_1'])
})

test('a signed thin event is accepted, even though its type is not handled', async () => {
  const thin = JSON.stringify({
    id: 'evt_2',
    object: 'v2.core.event',
    type: 'v1.billing.meter.no_meter_found',
    created: '2026-11-25T00:00:00Z',
  })
  expect((await sendWebhook(thin, { 'stripe-signature': sign(thin), 'content-type': 'application/json' })).statusCode).toBe(200)
  expect(received).toEqual(['evt_2'])
})

const rejected: [string, () => { payload: string | Buffer; signature: string | string[]; encoding?: string }][] = [
  ['that is forged', () => ({ payload: event, signature: sign(event, { secret: 'whsec_other' }) })],
  ['that is stale', () => ({ payload: event, signature: sign(event, { ageSeconds: 301 }) })],
  ['with a modified body', () => ({ payload: event.replace('evt_1', 'evt_2'), signature: sign(event) })],
  ['that is signed with the older scheme only', () => ({ payload: event, signature: sign(event).replace('v1=', 'v0=') })],
  ['that was compressed after signing', () => ({ payload: gzipSync(event), signature: sign(event), encoding: 'gzip' })],
  ['that is not UTF-8', () => ({ payload: Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), signature: sign('{}') })],
  [
    'with a forged signature header before a valid one',
    () => ({ payload: event, signature: [`t=1,v1=${'0'.repeat(64)}`, sign(event)] }),
  ],
]
test.each(rejected)('a webhook %s is rejected before it is ingested', async (_, createRequest) => {
  const { payload, signature, encoding } = createRequest()
  const headers = { 'stripe-signature': signature, ...(encoding && { 'content-encoding': encoding }) }
  const response = await sendWebhook(payload, { 'content-type': 'application/json', ...headers })
  expect([response.statusCode, response.json().code]).toEqual([400, 'validation'])
  expect(received).toEqual([])
})

test.each(['[]', 'null', '"x"', '7', 'hello', '{}', '{"id":"evt_1"}', '{"id":"evt_1","type":7}'])(
  'a signed webhook with the body %s is rejected, because it is not an event',
  async (payload) => {
    const response = await sendWebhook(payload, { 'stripe-signature': sign(payload), 'content-type': 'application/json' })
    expect([response.statusCode, response.json()]).toMatchObject([
      400,
      { errors: [{ field: 'body', message: expect.stringContaining('Expected a Stripe event') }] },
    ])
    expect(received).toEqual([])
  },
)

test('a webhook of more than 1 MB is rejected', async () => {
  const response = await sendWebhook(Buffer.alloc(1024 * 1024 + 1, 'x'), { 'stripe-signature': sign(event) })
  expect([response.statusCode, response.json().code, received]).toEqual([413, 'payload_too_large', []])
})

test('a body of more than 32 KB from a user is rejected', async () => {
  const headers = { authorization: 'Bearer alice', 'content-type': 'application/json' }
  const url = '/client/v1/pay-to-view/purchases'
  const response = await app.inject({ method: 'POST', url, payload: `"${'x'.repeat(32 * 1024)}"`, headers })
  expect([response.statusCode, response.json().code]).toEqual([413, 'payload_too_large'])
})

test('every response has HSTS and forbids sniffing, framing and third-party scripts', async () => {
  for (const url of ['/healthz', '/nothing', '/openapi.json']) {
    const { headers } = await app.inject(url)
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{8,}/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self'")
  }
})

test('only pages from the configured origins may read responses', async () => {
  const allowedOrigin = async (origin: string) =>
    (await app.inject({ url: '/healthz', headers: { origin } })).headers['access-control-allow-origin']
  expect(await allowedOrigin('https://shop.example')).toBe('https://shop.example')
  for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null']) {
    expect(await allowedOrigin(origin)).not.toBe(origin)
  }
})

test('an origin that ends in :* allows any port of its host, and nothing else', async () => {
  const allowedOrigin = async (origin: string) =>
    (await app.inject({ url: '/healthz', headers: { origin } })).headers['access-control-allow-origin']
  for (const origin of ['http://localhost', 'http://localhost:4000']) expect(await allowedOrigin(origin)).toBe(origin)
  for (const origin of [
    'https://localhost:4000',
    'http://localhost.evil.example:4000',
    'http://evil.example/http://localhost:4000',
    'http://localhost:4000.evil.example',
  ])
    expect(await allowedOrigin(origin)).not.toBe(origin)
})

test.each(['PUT', 'PATCH', 'DELETE'])('a page from a configured origin may use %s', async (method) => {
  const { headers } = await app.inject({
    method: 'OPTIONS',
    url: '/admin/v1/pay-to-view/entities/one',
    headers: { origin: 'https://shop.example', 'access-control-request-method': method },
  })
  expect(String(headers['access-control-allow-methods'])).toContain(method)
})

test('a preflight request from an origin that is not configured is not allowed', async () => {
  const { headers } = await app.inject({
    method: 'OPTIONS',
    url: '/client/v1/pay-to-view/purchases',
    headers: {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  expect(headers['access-control-allow-origin']).toBeUndefined()
})

test.each([
  '/healthz',
  '/nothing',
  '/trpc/products.list',
  '/trpc/products.list?batch=1',
  '/trpc/purchases.create',
  '/trpc/nothing',
])('the response of %s varies by origin, so that caches do not share it', async (url) => {
  const { headers } = await app.inject({ url, headers: { origin: 'https://shop.example' } })
  expect(headers['access-control-allow-origin']).toBe('https://shop.example')
  expect(headers.vary).toMatch(/\bOrigin\b/)
})
