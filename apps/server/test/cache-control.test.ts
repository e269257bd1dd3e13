import { restRoutes } from '@pay-to-view/api'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

const stack = useStack()
const { send, sendRaw, get, post } = createHttpClient(() => stack().stack.api)
let token: string
let admin: string

beforeAll(async () => {
  token = await fetchToken(stack().stack.issuer, { user: 'alice' })
  admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
})

const input = (value: object) => `input=${encodeURIComponent(JSON.stringify(value))}`
const film = { entityId: seedIds.film }
const createInput = { payToViewProductId: seedIds.thirtyDayProduct, ...film, returnUrl: 'https://yoursite.com/' }

test('REST responses, including errors, are not stored, except for the public catalog', async () => {
  for (const { method, path, public: isPublic } of restRoutes()) {
    const url = path.replaceAll(/\{\w+\}/g, 'ptv_01m85eetz2e8qthwsqr5v0dh8g')
    for (const options of [{}, { token }, { token: admin }, { token: 'forged' }]) {
      const response = await send(method, url, { ...options, ...(method !== 'GET' && { body: {} }) })
      const expected = isPublic && response.status === 200 ? 'public, max-age=10' : 'no-store'
      expect([method, url, response.status, response.headers.get('cache-control')]).toEqual([
        method,
        url,
        response.status,
        expected,
      ])
    }
  }
})

test('successful responses about one user are not stored, in REST or in tRPC', async () => {
  const { purchaseId } = await stack().create(await stack().client('alice'))
  const purchases = '/client/v1/pay-to-view/purchases'
  const responses = await Promise.all([
    post(purchases, { token, body: createInput }),
    get(purchases, { token }),
    get(`${purchases}/${purchaseId}`, { token }),
    get(`/client/v1/pay-to-view/access?entityId=${seedIds.film}`, { token }),
    get('/admin/v1/pay-to-view/purchases.csv', { token: admin }),
    post('/trpc/purchases.create', { token, body: createInput }),
    get(`/trpc/purchases.get?${input({ id: purchaseId })}`, { token }),
    get(`/trpc/access.check,entities.list?batch=1&${input({ 0: film, 1: {} })}`, { token }),
    // `connectionParams` makes tRPC's own adapter handle the request instead of runQueries.
    get(`/trpc/access.check,entities.list?batch=1&${input({ 0: film, 1: {} })}&connectionParams=null`, { token }),
    // A batch may combine a user's own data with the catalog, so tRPC's responses are never cached.
    get(`/trpc/entities.list?${input({})}`),
  ])
  expect(responses.map(({ status, headers }) => [status, headers.get('cache-control')])).toEqual(
    responses.map(() => [200, 'no-store']),
  )
})

test('a batch that is streamed as JSON lines is not stored', async () => {
  const accept = { authorization: `Bearer ${token}`, 'trpc-accept': 'application/jsonl' }
  const { status, headers } = await sendRaw(`/trpc/access.check?batch=1&${input({ 0: film })}`, 'GET', accept)
  expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
})

test('the event stream of one user is not stored', async () => {
  const cancel = new AbortController()
  const response = await fetch(`${stack().stack.api}/trpc/access.watch?${input(film)}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal: cancel.signal,
  })
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store, no-transform'])
  cancel.abort()
})

test.each([
  ['an unknown path', () => sendRaw('/nothing')],
  ['an invalid percent-encoding', () => sendRaw('/client/%zz')],
  ['an unknown procedure', () => sendRaw('/trpc/nothing')],
  ['a tRPC call without a token', () => sendRaw('/trpc/purchases.list')],
  ['a mutation with GET', () => sendRaw('/trpc/purchases.create')],
  ['a forged token', () => sendRaw('/client/v1/pay-to-view/products', 'GET', { authorization: 'Bearer forged' })],
  ['an unsupported method', () => sendRaw('/openapi.json', 'DELETE')],
  ['headers that are too large', () => sendRaw('/healthz', 'GET', { 'x-large': 'x'.repeat(40_000) })],
  ['a webhook without a signature', () => sendRaw('/client/v1/webhooks/stripe', 'POST')],
])('%s: the error is not stored', async (_name, call) => {
  const { status, headers } = await call()
  expect(status).toBeGreaterThanOrEqual(400)
  expect(headers['cache-control']).toBe('no-store')
})

test('a cached catalog is stored separately per origin, and the keys of playback tokens stay cacheable', async () => {
  const { headers } = await get('/client/v1/pay-to-view/products')
  expect(headers.get('vary')).toContain('Origin')
  expect((await get('/.well-known/jwks.json')).headers.get('cache-control')).toBe('public, max-age=300')
})
