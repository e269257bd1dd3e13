import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { ApiError } from '@pay-to-view/api'
import { waitFor } from '@pay-to-view/devstack/wait'
import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import { afterEach, expect, test } from 'vitest'
import { buildTestServer, webhookSecret } from './test-server.ts'

let app: FastifyInstance
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await app.close()
})

const limits = {
  ...{ maxTotal: 3, maxPerAddress: 3, largeBytes: 1_000_000, maxLarge: 3 },
  ...{ timeoutMs: 60_000, maxFailed: 100, failureWindowSeconds: 60 },
}
const ingest = async () => 'dispatched' as const

const listenWith = async (deps: Parameters<typeof buildTestServer>[0], unverifiedBodies: typeof limits): Promise<number> => {
  app = await buildTestServer(deps, { unverifiedBodies })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return Number(new URL(app.listeningOrigin).port)
}

const listen = (overrides: Partial<typeof limits> = {}): Promise<number> =>
  listenWith({ ingestor: { dispatch: ingest, ingest } }, { ...limits, ...overrides })

/** Sends the headers of a request with a 900 kB body, and the first byte of the body. */
const startRequest = async (port: number, path: string, header: string) => {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  const received = { text: '' }
  socket.on('data', (data) => {
    received.text += data.toString()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const requestReceived = once(app.server, 'request')
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/json\r\n${header}\r\ncontent-length: 900000\r\n\r\n{`,
  )
  await requestReceived
  const status = () => /^HTTP\/1\.1 (\d+)/.exec(received.text)?.[1]
  return { socket, status, waitForStatus: () => waitFor('a response', () => status() ?? null, { timeoutMs: 10_000 }) }
}

const startWebhook = (port: number) => startRequest(port, '/client/v1/webhooks/stripe', 'stripe-signature: t=1,v1=00')

const sendSigned = async () => {
  const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })
  const signature = new Stripe('sk_test_unused').webhooks.generateTestHeaderString({ payload, secret: webhookSecret })
  const headers = { 'stripe-signature': signature, 'content-type': 'application/json' }
  const { statusCode } = await app.inject({ method: 'POST', url: '/client/v1/webhooks/stripe', payload, headers })
  return statusCode
}

test('slow webhook bodies above the limit of an address get 503 before they are received; when the slow ones end, webhooks are served again', async () => {
  const port = await listen()
  const slow = [await startWebhook(port), await startWebhook(port), await startWebhook(port)]
  expect(await (await startWebhook(port)).waitForStatus()).toBe('503')
  expect(slow.map(({ status }) => status())).toEqual([undefined, undefined, undefined])
  for (const { socket } of slow) socket.destroy()
  await waitFor('room for a signed webhook', async () => (await sendSigned()) === 200, { timeoutMs: 10_000 })
})

test('while slow bodies use up the total limit, the oldest body is dropped to make room for a signed webhook', async () => {
  const port = await listen({ maxPerAddress: 100 })
  const slow = [await startWebhook(port), await startWebhook(port), await startWebhook(port)]
  expect(await sendSigned()).toBe(200)
  expect(await slow[0]?.waitForStatus()).toBe('503')
  expect(slow.map(({ status }) => status())).toEqual(['503', undefined, undefined])
})

test('while large bodies use up their own limit, another large body gets 503 immediately, and a signed webhook of the usual size is served', async () => {
  const port = await listen({ maxPerAddress: 100, largeBytes: 10_000, maxLarge: 2 })
  const large = [await startWebhook(port), await startWebhook(port)]
  expect(await (await startWebhook(port)).waitForStatus()).toBe('503')
  for (const _ of [1, 2, 3, 4]) expect(await sendSigned()).toBe(200)
  expect(large.map(({ status }) => status())).toEqual([undefined, undefined])
})

test('a webhook body that does not arrive in time gets 408', async () => {
  const port = await listen({ timeoutMs: 100 })
  expect(await (await startWebhook(port)).waitForStatus()).toBe('408')
})

test('bodies that did not arrive in time no longer count against the limits', async () => {
  const port = await listen({ timeoutMs: 100 })
  const slow = [await startWebhook(port), await startWebhook(port), await startWebhook(port)]
  for (const { waitForStatus } of slow) expect(await waitForStatus()).toBe('408')
  expect(await (await startWebhook(port)).waitForStatus()).toBe('408')
  expect(await sendSigned()).toBe(200)
})

test('an address whose signatures are rejected too often gets 429 before its bodies are received', async () => {
  const port = await listen({ maxFailed: 2 })
  const forged = {
    method: 'POST' as const,
    url: '/client/v1/webhooks/stripe',
    payload: '{}',
    headers: { 'stripe-signature': 't=1,v1=00' },
  }
  expect([(await app.inject(forged)).statusCode, (await app.inject(forged)).statusCode]).toEqual([400, 400])
  expect(await (await startWebhook(port)).waitForStatus()).toBe('429')
})

test('an address whose bodies do not arrive gets 429, whether they are late or their connections are closed', async () => {
  const port = await listen({ timeoutMs: 100, maxFailed: 3 })
  expect(await (await startWebhook(port)).waitForStatus()).toBe('408')
  for (const _ of [1, 2]) {
    const { socket } = await startWebhook(port)
    socket.destroy()
  }
  await waitFor('429', async () => (await (await startWebhook(port)).waitForStatus()) === '429', { timeoutMs: 10_000 })
  expect(await sendSigned()).toBe(429)
})

test.each([
  ['over REST without a token', '/client/v1/pay-to-view/purchases', 'x-none: 1', '401'],
  ['over REST with an invalid token', '/client/v1/pay-to-view/purchases', 'authorization: Bearer forged', '401'],
  ['to an operator path', '/admin/v1/pay-to-view/entities/batch', 'x-none: 1', '401'],
  ['to an operator path with the token of a user', '/admin/v1/pay-to-view/purchases/x/refund', 'authorization: Bearer a', '403'],
  ['over tRPC without a token', '/trpc/purchases.create', 'x-none: 1', '401'],
  ['over tRPC with an invalid token', '/trpc/purchases.create', 'authorization: Bearer forged', '401'],
  ['over tRPC in a batch', '/trpc/purchases.create,purchases.create?batch=1', 'x-none: 1', '401'],
  ['over tRPC from a user, above the maximum size for users', '/trpc/purchases.create', 'authorization: Bearer a', '413'],
  [
    'over REST from a user, above the maximum size for users',
    '/client/v1/pay-to-view/purchases',
    'authorization: Bearer a',
    '413',
  ],
  ['to an unknown path', '/nothing', 'x-none: 1', '404'],
])('a request %s gets its response before its body has arrived', async (_, path, header, status) => {
  const authenticate = async (authorization: string | undefined) => {
    if (authorization === 'Bearer forged') throw new ApiError('unauthorized')
    return authorization === undefined ? null : { id: 'a', admin: false, email: null, tokenExpiresAt: Date.now() + 60_000 }
  }
  const port = await listenWith({ authenticate }, limits)
  expect(await (await startRequest(port, path, header)).waitForStatus()).toBe(status)
})

test('bodies from users have a smaller limit than bodies from admins, even without a Content-Length, over REST and tRPC', async () => {
  const authenticate = async (authorization: string | undefined) => ({
    id: 'a',
    admin: authorization === 'Bearer admin',
    email: null,
    tokenExpiresAt: Date.now() + 60_000,
  })
  app = await buildTestServer({ authenticate })
  const send = async (url: string, user: string, bytes: number, isChunked: boolean) => {
    const payload = JSON.stringify({ text: 'x'.repeat(bytes) })
    const headers = { authorization: `Bearer ${user}`, 'content-type': 'application/json' }
    const body = isChunked ? Readable.from([payload.slice(0, 1_000), payload.slice(1_000)]) : payload
    return (await app.inject({ method: 'POST', url, payload: body, headers })).statusCode
  }
  for (const isChunked of [false, true]) {
    for (const url of ['/client/v1/pay-to-view/purchases', '/trpc/purchases.create']) {
      expect(await send(url, 'user', 30_000, isChunked)).toBe(400)
      expect(await send(url, 'user', 40_000, isChunked)).toBe(413)
    }
    for (const url of ['/admin/v1/pay-to-view/purchases/x/refund', '/trpc/admin.purchases.refund']) {
      expect(await send(url, 'admin', 200_000, isChunked)).toBe(400)
      expect(await send(url, 'admin', 300_000, isChunked)).toBe(413)
    }
  }
})
