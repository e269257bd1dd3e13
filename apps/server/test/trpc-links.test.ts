import type { AppRouter } from '@pay-to-view/api'
import { createPayToViewClient, problemOf } from '@pay-to-view/client'
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, type TRPCLink } from '@trpc/client'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildTestServer, unexpectedCall } from './test-server.ts'

let app: FastifyInstance
let baseUrl: string
let url: string
beforeAll(async () => {
  const reads = new Proxy(Object.create(null), {
    get: (_, name) => async () => (name === 'access' ? [] : { items: [], totalCount: 0 }),
  })
  const purchases = {
    create: async () => ({ success: false as const, hasAccess: true as const }),
    refund: unexpectedCall,
    withdraw: unexpectedCall,
    accept: unexpectedCall,
  }
  app = await buildTestServer({
    reads,
    purchases,
    accessChanges: { onAccessChange: () => () => undefined, onEntityChange: () => () => undefined },
  })
  baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  url = `${baseUrl}/trpc`
})
afterAll(() => app.close())

const headers = { authorization: 'Bearer alice' }
const createInput = {
  payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
  entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  returnUrl: 'https://shop.example/',
}

const links: [string, () => TRPCLink<AppRouter>][] = [
  ['httpLink', () => httpLink({ url, headers })],
  ['httpBatchLink', () => httpBatchLink({ url, headers })],
  ['httpBatchStreamLink', () => httpBatchStreamLink({ url, headers })],
  [
    "httpBatchStreamLink with streamHeader 'trpc-accept'",
    () => httpBatchStreamLink({ url, headers, streamHeader: 'trpc-accept' }),
  ],
  ["httpBatchStreamLink with streamHeader 'accept'", () => httpBatchStreamLink({ url, headers, streamHeader: 'accept' })],
  [
    'httpLink with the Accept header of axios',
    () => httpLink({ url, headers: { ...headers, accept: 'application/json, text/plain, */*' } }),
  ],
  [
    'httpBatchLink with the Accept header of a browser',
    () => httpBatchLink({ url, headers: { ...headers, accept: 'text/html,*/*;q=0.8' } }),
  ],
]

describe.each(links)('%s', (_, link) => {
  const client = () => createTRPCClient<AppRouter>({ links: [link()] })

  test('calls queries with and without input, alone and together, and mutations', async () => {
    const { purchases } = client()
    expect(await purchases.list.query({ page: 3 })).toEqual({ items: [], page: 3, pageSize: 10, totalCount: 0 })
    const calls = [purchases.list.query({}), purchases.list.query({ pageSize: 7 }), purchases.create.mutate(createInput)] as const
    const [first, second, created] = await Promise.all(calls)
    expect([first.pageSize, second.pageSize, created]).toEqual([10, 7, { success: false, hasAccess: true }])
  })

  test('receives the problem of one call while the other calls in its batch succeed', async () => {
    const { purchases } = client()
    const [page, problem] = await Promise.all([
      purchases.list.query({ page: 2 }),
      purchases.list.query({ pageSize: 1_000 }).then(() => null, problemOf),
    ])
    expect([page.page, problem]).toMatchObject([2, { code: 'validation', errors: [{ field: 'pageSize' }] }])
  })
})

test.each([
  ['httpLink', () => httpLink({ url, headers, methodOverride: 'POST' })],
  ['httpBatchLink', () => httpBatchLink({ url, headers, methodOverride: 'POST' })],
  ['httpBatchStreamLink', () => httpBatchStreamLink({ url, headers, methodOverride: 'POST', streamHeader: 'accept' })],
] satisfies [string, () => TRPCLink<AppRouter>][])('%s may send queries as POST', async (_, link) => {
  const { purchases } = createTRPCClient<AppRouter>({ links: [link()] })
  expect(await purchases.list.query({ page: 4 })).toMatchObject({ page: 4 })
  expect(await purchases.list.query({ page: 0 }).then(() => null, problemOf)).toMatchObject({ code: 'validation' })
})

test('the client checks access to 100 entities with ids of the maximum length in one call', async () => {
  const client = createPayToViewClient({ url: baseUrl, token: 'alice' })
  const entityId = Array.from({ length: 100 }, (_, n) => `${n}:`.padEnd(128, ':'))
  expect(await client.access.checkMany.query({ entityId })).toEqual({ items: [] })
})

test('a subscription receives data while batches of queries run', async () => {
  const client = createPayToViewClient({ url: baseUrl, token: 'alice' })
  const states: unknown[] = []
  const subscription = client.access.watch.subscribe(
    { entityId: createInput.entityId },
    { onData: (state) => states.push(state) },
  )
  const pages = await Promise.all([1, 2, 3].map((page) => client.purchases.list.query({ page })))
  expect(pages.map(({ page }) => page)).toEqual([1, 2, 3])
  await expect.poll(() => states).toMatchObject([{ hasAccess: false }])
  subscription.unsubscribe()
})

test.each<Record<string, string>>([{}, { 'trpc-accept': 'application/jsonl' }, { accept: 'application/jsonl' }])(
  'a batch of a query and a subscription with the headers %j is rejected with the same message as by tRPC itself',
  async (format) => {
    const input = encodeURIComponent(JSON.stringify({ 0: {}, 1: { entityId: createInput.entityId } }))
    const response = await fetch(`${url}/purchases.list,access.watch?batch=1&input=${input}`, {
      headers: { ...headers, ...format },
    })
    expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(/"code":"validation".*subscription/)])
  },
)
