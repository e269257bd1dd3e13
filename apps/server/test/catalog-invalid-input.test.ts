import { createOperatorCommands } from '@pay-to-view/api'
import { createReads, insertPurchase, newPurchaseId } from '@pay-to-view/db'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpClient, type RequestOptions } from './http-client.ts'
import { buildTestServer } from './test-server.ts'

let database: Database
let app: FastifyInstance
let url: string

beforeAll(async () => {
  database = await startDatabase()
  const { db } = database
  app = await buildTestServer({
    authenticate: async () => ({ id: 'root', admin: true, email: null, tokenExpiresAt: Date.now() + 600_000 }),
    reads: createReads(db),
    operator: createOperatorCommands(db),
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
}, 120_000)
afterAll(async () => {
  await app?.close()
  await database?.stop()
}, 60_000)

const { send, sendRaw } = createHttpClient(() => url)
const [admin, client] = ['/admin/v1/pay-to-view', '/client/v1/pay-to-view']

const Problem = z.object({ code: z.string(), errors: z.array(z.object({ field: z.string(), message: z.string() })) })

/** Returns the status and the fields that the problem names. */
const call = async (method: string, path: string, options: RequestOptions = {}) => {
  const { status, body } = await send(method, path, { token: 'root', ...options })
  const { code, errors = [] } = Problem.partial().safeParse(body).data ?? {}
  return { status, code, fields: [...new Set(errors.map(({ field }) => field))], body }
}
const rejected = (field: string) => ({ status: 400, code: 'validation', fields: [field] })
const film = (changes: object = {}) => ({ type: 'video', title: 'Film', ...changes })
const channel = (changes: object = {}) => ({ type: 'channel', title: 'Channel', ...changes })
const putEntity = (id: string, body: unknown) => call('PUT', `${admin}/entities/${id}`, { body })

test('times and currencies are returned in UTC and in lowercase, in whatever form they were sent', async () => {
  const times = { availableFrom: '2027-01-01T02:00+02:00', availableUntil: '2027-12-31T23:59:59+00:00' }
  const utc = { availableFrom: '2027-01-01T00:00:00.000Z', availableUntil: '2027-12-31T23:59:59.000Z' }
  expect(await putEntity('later', film(times))).toMatchObject({ status: 201, body: utc })
  expect(await call('GET', `${admin}/entities/later`)).toMatchObject({ body: utc })
  expect(await putEntity('later', film({ availableFrom: '2027-01-01T02:00' }))).toMatchObject(rejected('availableFrom'))
  const product = { name: 'Film', prices: [{ currency: 'EUR', amount: 499 }], saleFrom: '2026-12-31T19:00:00-05:00' }
  expect(await call('PUT', `${admin}/products/in-euros`, { body: product })).toMatchObject({
    status: 201,
    body: { prices: [{ currency: 'eur', amount: 499 }], saleFrom: '2027-01-01T00:00:00.000Z' },
  })
  for (const currency of ['USD', 'usd']) {
    const sales = await call('GET', `${admin}/reports/sales?from=2026-01-01&to=2026-01-02&currency=${currency}`)
    expect(sales).toMatchObject({ status: 200 })
    expect(await call('GET', `${admin}/purchases?currency=${currency}`)).toMatchObject({ status: 200 })
  }
  expect(await call('GET', `${admin}/purchases?createdFrom=2026-01-01T00:00:00%2B02:00`)).toMatchObject({ status: 200 })
})

describe('ids in paths', () => {
  const ids = [
    ...[
      'a%20b',
      'a%2Fb',
      'a%5Cb',
      'a%252Fb',
      '..',
      '.',
      '%2e%2e',
      '%2E',
      'a%00',
      'a%0A',
      'a%7F',
      'a+b',
      'a;b',
      'a%3Fb',
      '%C3%BC',
      '',
    ],
    'x'.repeat(129),
  ]
  test.each(ids)('%j is rejected', async (id) => {
    for (const path of ['entities', 'products']) {
      for (const method of path === 'entities' ? ['GET', 'PUT', 'DELETE'] : ['GET', 'PUT']) {
        const { status, body } = await sendRaw(`${admin}/${path}/${id}`, method, { authorization: 'Bearer root' })
        const { data } = Problem.safeParse(JSON.parse(body))
        expect([method, path, status, data?.errors[0]?.field]).toEqual([method, path, 400, 'id'])
      }
    }
    const { status } = await sendRaw(`${client}/entities/${id}`)
    expect(status).toBe(400)
  })

  test.each(['%', '%zz', '%FF', 'a%ED%A0%80'])('%j is not a valid encoding', async (id) => {
    const { status, body } = await sendRaw(`${admin}/entities/${id}`, 'GET', { authorization: 'Bearer root' })
    expect([status, Problem.parse(JSON.parse(body)).errors[0]?.field]).toEqual([400, 'path'])
  })

  test.each(['__proto__', 'constructor', 'toString', 'a:b~c'])('%s is a valid id', async (id) => {
    expect(await call('GET', `${admin}/entities/${id}`)).toMatchObject({ status: 404, code: 'entity_not_found' })
    expect(await putEntity(id, film())).toMatchObject({ status: 201, body: { id } })
    expect(await call('DELETE', `${admin}/entities/${id}`)).toMatchObject({ status: 204 })
  })
})

test.each([
  ['{"type":"video","title":"Film","metadata":{"__proto__":"x"}}', 'metadata.__proto__'],
  ['{"type":"video","title":"Film","metadata":{"__proto__":{"a":"b"}}}', 'metadata.__proto__'],
  ['{"type":"video","title":"Film","__proto__":{"status":"draft"}}', '__proto__'],
  ['{"type":"video","title":"Film","memberOf":[{"id":"a","__proto__":{}}]}', 'memberOf.0.__proto__'],
  ['{"type":"video","title":"\\ud800"}', 'title'],
  ['{"type":"video","title":"Film","metadata":{"\\ud800":"x"}}', 'metadata.\ud800'],
  ['{"type":"video","title":"Film","durationSeconds":1e999}', 'durationSeconds'],
  [`{"type":"video","title":"Film","metadata":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'metadata'],
  ['[]', 'body'],
  ['"text"', 'body'],
  ['{', 'body'],
])('the body %.80s is rejected', async (body, field) => {
  expect(await putEntity('invalid', body)).toMatchObject(rejected(field))
})

test.each([
  [{ metadata: { 'a\0': 'x' } }, 'metadata.a\0'],
  [{ metadata: { a: 'x\0' } }, 'metadata.a'],
  [{ metadata: { '': 'x' } }, 'metadata.'],
  [{ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [n, 'x'])) }, 'metadata'],
  [{ metadata: { a: 'x'.repeat(501) } }, 'metadata.a'],
  [{ imageUrl: 'https://a.example:99999/' }, 'imageUrl'],
  [{ imageUrl: 'https://a.example/\0' }, 'imageUrl'],
  [{ memberOf: [seedIds.channel, { id: seedIds.channel, position: 1 }] }, 'memberOf'],
  [{ memberOf: [{ id: seedIds.channel, position: -1 }] }, 'memberOf.0.position'],
  [{ memberOf: [{ id: seedIds.channel, position: 2 ** 53 }] }, 'memberOf.0.position'],
  [{ memberOf: [{ id: seedIds.channel, place: 1 }] }, 'memberOf.0.place'],
  [{ memberOf: [seedIds.film] }, 'memberOf'],
  [{ memberOf: Array.from({ length: 101 }, (_, n) => `c${n}`) }, 'memberOf'],
  [{ title: 'a\0' }, 'title'],
  [{ title: ' \u00a0' }, 'title'],
  [{ durationSeconds: -1 }, 'durationSeconds'],
  [{ durationSeconds: 2 ** 31 }, 'durationSeconds'],
  [{ durationSeconds: 1e300 }, 'durationSeconds'],
  [{ availableFrom: '2027-01-01T00:00:00' }, 'availableFrom'],
  [{ availableFrom: '2027-02-30T00:00:00Z' }, 'availableFrom'],
  [{ availableFrom: '2026-12-31T23:59:60Z' }, 'availableFrom'],
  [{ availableUntil: 5 }, 'availableUntil'],
  [{ playback: { provider: 'mux', playbackId: 'a', secret: 'x' } }, 'playback.secret'],
  [{ playback: { provider: 'bunny', libraryId: 1e300, videoId: 'a' } }, 'playback.libraryId'],
])('an entity with %j is rejected', async (changes, field) => {
  expect(await putEntity('invalid', film(changes))).toMatchObject(rejected(field))
})

test('a cycle and more than 8 levels are rejected, even if they arise among existing containers or within a batch', async () => {
  for (let level = 0; level <= 8; level++) {
    const memberOf = level === 0 ? [] : [`level-${level - 1}`]
    expect(await putEntity(`level-${level}`, channel({ memberOf }))).toMatchObject({ status: 201 })
  }
  expect(await putEntity('level-9', film({ memberOf: ['level-8'] }))).toMatchObject(rejected('memberOf'))
  expect(await putEntity('level-0', channel({ memberOf: ['level-5'] }))).toMatchObject(rejected('memberOf'))
  expect(await putEntity('level-0', channel({ memberOf: [seedIds.channel] }))).toMatchObject(rejected('memberOf'))
  const items = [
    { id: 'cycle-a', ...channel({ memberOf: ['cycle-b'] }) },
    { id: 'cycle-b', ...channel({ memberOf: ['cycle-a'] }) },
  ]
  expect(await call('POST', `${admin}/entities/batch`, { body: { items } })).toMatchObject({ status: 200, body: { failed: 2 } })
})

test('batch items that are not entities, or that repeat an id, fail without affecting the other items', async () => {
  const body =
    '{"items":[null,5,[],{"__proto__":{"id":"a"}},{"id":"\\u0000"},{"id":"\\ud800","type":"video","title":"x"},{"id":"ok","type":"video","title":"x"},{"id":"ok","type":"video","title":"y"}]}'
  expect(await call('POST', `${admin}/entities/batch`, { body })).toMatchObject({ status: 200, body: { created: 1, failed: 7 } })
  expect(await call('GET', `${admin}/entities/ok`)).toMatchObject({ body: { title: 'x' } })
})

const cursor = (json: string): string => `cursor=${Buffer.from(json).toString('base64url')}`

test.each([
  ...['limit=0', 'limit=201', 'limit=abc', 'limit=1.5', 'limit=', 'limit=1e2', 'limit=1&limit=2'],
  ...['cursor=', 'cursor=abc', cursor('null'), cursor('{}'), cursor('[[],{}]'), cursor('["a b"]'), cursor('["a\\u0000"]')],
  ...[cursor('[-1,"a"]'), cursor('[1e99,"a"]'), cursor('[1,"a",2]'), `cursor=${'x'.repeat(1_001)}`],
  ...['colour=red', '__proto__=1', 'constructor=1'],
])('lists reject %.60s', async (query) => {
  const [field = ''] = query.split('=')
  const offers = `${admin}/products/${seedIds.thirtyDayProduct}/offers`
  for (const path of [`${admin}/entities`, `${client}/entities`, `${admin}/products`, `${client}/products`, offers]) {
    expect([path, await call('GET', `${path}?${query}`)]).toMatchObject([path, rejected(field)])
  }
})

test.each(["''", '\\', "a\\'b", '!&|():*<->', '\u200b', '\u00a0', ' ', '😀 😀', '’tis', 'a\nb', '`', "'':*", 'a:*b'])(
  'a search for %j does not fail, whether or not it finds anything',
  async (query) => {
    for (const path of [`${admin}/entities`, `${client}/entities`])
      expect(await call('GET', `${path}?query=${encodeURIComponent(query)}`)).toMatchObject({ status: 200 })
  },
)

test.each([
  [0, 'usd', 'amount'],
  [-5, 'usd', 'amount'],
  [4.99, 'usd', 'amount'],
  [1e300, 'usd', 'amount'],
  ['499', 'usd', 'amount'],
  [499, '__proto__', 'currency'],
  [499, 'xyz', 'currency'],
])('a price of %j %s is rejected', async (amount, currency, field) => {
  const body = { name: 'Week', prices: [{ amount, currency }] }
  expect(await call('PUT', `${admin}/products/invalid`, { body })).toMatchObject(rejected(`prices.0.${field}`))
})

test.each([
  [{ prices: [{ amount: 499, currency: 'usd', tax: 1 }] }, 'prices.0.tax'],
  [{ rental: { startWithinDays: 1, watchWithinHours: 1, x: 1 } }, 'rental.x'],
  [{ rental: { startWithinDays: 1, watchWithinHours: 1 }, accessDurationDays: 30 }, 'rental'],
  [{ name: 'a\0' }, 'name'],
])('a product with %j is rejected', async (changes, field) => {
  const body = { name: 'Week', prices: [{ amount: 499, currency: 'usd' }], ...changes }
  expect(await call('PUT', `${admin}/products/invalid`, { body })).toMatchObject(rejected(field))
})

describe('concurrent requests', () => {
  const version = (n: number) =>
    film({ title: `v${n}`, description: `v${n}`, metadata: { v: `v${n}` }, memberOf: [{ id: seedIds.channel, position: n }] })

  test('writes to one entity never mix their fields, neither in the responses nor afterward', async () => {
    const expectWhole = (body: unknown): void => {
      const { title } = z.looseObject({ title: z.string() }).parse(body)
      expect(body).toMatchObject(version(Number(title.slice(1))))
    }
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => putEntity('contended', version(n))))
      for (const { body } of answers) expectWhole(body)
      expectWhole((await call('GET', `${admin}/entities/contended`)).body)
    }
  })

  test('that write, read and delete one entity either succeed or return 404', async () => {
    for (let round = 0; round < 10; round++) {
      const statuses = await Promise.all([
        putEntity('fleeting', version(1)),
        call('DELETE', `${admin}/entities/fleeting`),
        putEntity('fleeting', version(2)),
        call('GET', `${client}/entities/fleeting`),
        call('GET', `${client}/entities?memberOf=${seedIds.channel}`),
        call('DELETE', `${admin}/entities/fleeting`),
      ])
      for (const { status } of statuses) expect([200, 201, 204, 404]).toContain(status)
    }
  })

  test('an entity is either deleted or bought, and keeps its type if it was bought', async () => {
    const product = { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 }
    for (let round = 0; round < 10; round++) {
      const entity = { id: `bought-${round}`, type: 'video' as const, title: 'Film' }
      await putEntity(entity.id, film())
      const common = { userId: `buyer-${round}`, entity, product, checkoutRequest: {}, stripeCustomerId: `cus_${round}` }
      const [purchase, deleted, changed] = await Promise.all([
        insertPurchase(database.db, { id: newPurchaseId(), ...common, checkoutDeadline: new Date() }),
        call('DELETE', `${admin}/entities/${entity.id}`),
        putEntity(entity.id, { type: 'content', title: 'Album' }),
      ])
      expect([204, 409]).toContain(deleted.status)
      expect([200, 201, 409]).toContain(changed.status)
      if (purchase === null) expect([deleted.status, changed.status]).not.toEqual([409, 409])
      else {
        expect(await call('DELETE', `${admin}/entities/${entity.id}`)).toMatchObject({ status: 409, code: 'entity_in_use' })
        expect(await call('GET', `${admin}/entities/${entity.id}`)).toMatchObject({ body: { type: 'video' } })
      }
    }
  })
})
