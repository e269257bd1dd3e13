import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { buildTestServer } from './test-server.ts'

let app: FastifyInstance
afterEach(() => app.close())

const noPurchases = new Proxy(Object.create(null), { get: () => async () => [] })

test('an admin call from a user who is not an admin counts against the rate limit', async () => {
  app = await buildTestServer({}, { callsPerUser: 2 })
  const statuses: number[] = []
  for (const _ of [1, 2, 3]) {
    const headers = { authorization: 'Bearer alice' }
    statuses.push((await app.inject({ url: '/trpc/admin.stuck', headers })).statusCode)
  }
  expect(statuses).toEqual([403, 403, 429])
})

test('an API key has its own limit: neither the limit of its address nor the limit for users applies', async () => {
  const secret = (digit: number) => `ptvk_${String(digit).repeat(43)}`
  const key = { scopes: ['purchases:read'] as const, expiresAt: null, lastUsedAt: null }
  const apiKeys = {
    find: async (text: string) =>
      text === secret(1) || text === secret(2)
        ? { ...key, scopes: [...key.scopes], id: text.slice(-1), rateLimit: text === secret(1) ? 6 : null }
        : null,
    recordUse: async () => {},
  }
  app = await buildTestServer({ apiKeys, reads: noPurchases }, { callsPerAddress: 3, callsPerUser: 1, callsPerKey: 4 })
  const statusOf = async (text: string) =>
    (await app.inject({ url: '/admin/v1/pay-to-view/purchases', headers: { authorization: `Bearer ${text}` } })).statusCode
  const statuses = async (text: string, calls: number) => {
    const all: number[] = []
    for (let call = 0; call < calls; call++) all.push(await statusOf(text))
    return all
  }
  expect(await statuses(secret(1), 7)).toEqual([200, 200, 200, 200, 200, 200, 429])
  expect(await statuses(secret(2), 5)).toEqual([200, 200, 200, 200, 429])
  // The first call with each valid key and the calls with unknown keys count against the IP address's limit.
  expect(await statuses(secret(3), 2)).toEqual([401, 429])
})

test('X-Forwarded-For from an untrusted address is ignored', async () => {
  const authenticate = () => Promise.reject(new Error('The token was verified'))
  app = await buildTestServer({ authenticate }, { callsPerAddress: 1 })
  const statuses: number[] = []
  for (const address of ['192.0.2.1', '192.0.2.2']) {
    const headers = { 'x-forwarded-for': address }
    statuses.push((await app.inject({ url: '/client/v1/pay-to-view/products', headers })).statusCode)
  }
  expect(statuses).toEqual([500, 429])
})
