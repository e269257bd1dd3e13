import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
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

const limits = { maxTotal: 3, maxPerAddress: 3, timeoutMs: 60_000, maxRejected: 100 }
const ingest = async () => 'dispatched' as const

const listen = async (overrides: Partial<typeof limits> = {}): Promise<number> => {
  app = await buildTestServer({ ingestor: { dispatch: ingest, ingest } }, { unverifiedBodies: { ...limits, ...overrides } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return Number(new URL(app.listeningOrigin).port)
}

/** Sends the headers of a webhook and the first byte of its body. */
const startWebhook = async (port: number) => {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  const received = { text: '' }
  socket.on('data', (data) => {
    received.text += data.toString()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    'POST /client/v1/webhooks/stripe HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/json\r\nstripe-signature: t=1,v1=00\r\ncontent-length: 900000\r\n\r\n{',
  )
  const status = () => /^HTTP\/1\.1 (\d+)/.exec(received.text)?.[1]
  return { socket, status, waitForStatus: () => waitFor('a response', () => status() ?? null, { timeoutMs: 10_000 }) }
}

const sendSigned = async () => {
  const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })
  const signature = new Stripe('sk_test_unused').webhooks.generateTestHeaderString({ payload, secret: webhookSecret })
  const headers = { 'stripe-signature': signature, 'content-type': 'application/json' }
  const { statusCode } = await app.inject({ method: 'POST', url: '/client/v1/webhooks/stripe', payload, headers })
  return statusCode
}

test('slow webhook bodies above the limit of an address get 503 before they are received; the rest is served once they end', async () => {
  const port = await listen()
  const slow = [await startWebhook(port), await startWebhook(port), await startWebhook(port)]
  expect(await (await startWebhook(port)).waitForStatus()).toBe('503')
  expect(slow.map(({ status }) => status())).toEqual([undefined, undefined, undefined])
  for (const { socket } of slow) socket.destroy()
  await waitFor('a place for a signed webhook', async () => (await sendSigned()) === 200, { timeoutMs: 10_000 })
})

test('a webhook body that does not arrive in time gets 408', async () => {
  const port = await listen({ timeoutMs: 100 })
  expect(await (await startWebhook(port)).waitForStatus()).toBe('408')
})

test('bodies that did not arrive in time leave their places to others', async () => {
  const port = await listen({ timeoutMs: 100 })
  const slow = [await startWebhook(port), await startWebhook(port), await startWebhook(port)]
  for (const { waitForStatus } of slow) expect(await waitForStatus()).toBe('408')
  expect(await (await startWebhook(port)).waitForStatus()).toBe('408')
  expect(await sendSigned()).toBe(200)
})

test('an address whose signatures are rejected too often gets 429 before its bodies are received', async () => {
  const port = await listen({ maxRejected: 2 })
  const forged = {
    method: 'POST' as const,
    url: '/client/v1/webhooks/stripe',
    payload: '{}',
    headers: { 'stripe-signature': 't=1,v1=00' },
  }
  expect([(await app.inject(forged)).statusCode, (await app.inject(forged)).statusCode]).toEqual([400, 400])
  expect(await (await startWebhook(port)).waitForStatus()).toBe('429')
})
