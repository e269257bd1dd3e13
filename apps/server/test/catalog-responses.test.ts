import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  adminPath,
  clientPath,
  entities,
  entity,
  offers,
  publicEntities,
  publicEntity,
  useCatalogOperations,
} from './catalog-operations.ts'
import { fetchToken } from './token.ts'

const { stack, call, create, sendAsAdmin, userToken, putEntity, putProduct, putOffer } = useCatalogOperations()

const film = (changes: object = {}) => ({ type: 'video', title: 'Film', ...changes })
const longId = (n: number): string => `${n}-`.padEnd(128, 'x')
const batch = `POST ${entities}/batch`

const Page = z.object({ items: z.array(z.looseObject({ id: z.string().optional() })) })
const Results = z.object({
  failed: z.int(),
  items: z.array(z.looseObject({ index: z.int(), id: z.string().nullable(), result: z.string(), error: z.unknown().optional() })),
})

const bytesOf = (body: unknown): number => Buffer.byteLength(JSON.stringify(body))

test('an id that is also a path segment, such as batch, can be the id of an entity', async () => {
  for (const id of ['batch', 'import']) {
    expect(await putEntity(id, film())).toMatchObject({ status: 201, body: { id } })
    expect(await call(`GET ${entity}`, { id })).toMatchObject({ status: 200, body: { id } })
    expect(await call(`GET ${publicEntity}`, { id })).toMatchObject({ status: 200, body: { id } })
    expect(await call(`DELETE ${entity}`, { id })).toMatchObject({ status: 204 })
    const { status, headers } = await sendAsAdmin('PATCH', `${adminPath}/entities/${id}`, { body: {} })
    expect([status, headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS, POST, PUT'])
  }
})

test('an id in the body must equal the id in the path, so a response can be sent back as a request', async () => {
  const { body } = await putEntity('same', film({ metadata: { sku: '7' } }))
  expect(await call(`PUT ${entity}`, { id: 'same' }, { body })).toMatchObject({ status: 200, body })
  expect(await putEntity('same', film({ id: 'other' }))).toMatchObject({ status: 400, code: 'validation', fields: ['id'] })
  expect(await putProduct('same', { id: 'other' })).toMatchObject({ status: 400, fields: ['id'] })
  expect(await call(`GET ${entity}`, { id: 'other' })).toMatchObject({ status: 404 })
})

test('a write with query parameters is rejected, because they would be ignored', async () => {
  const body = { items: [{ id: 'dry', ...film() }] }
  expect(await call(batch, {}, { query: '?dryRun=true', body })).toMatchObject({ status: 400, fields: ['dryRun'] })
  expect(await call(`GET ${entity}`, { id: 'dry' })).toMatchObject({ status: 404 })
  expect(await call(`PUT ${entity}`, { id: 'dry' }, { query: '?title=x&x', body: film() })).toMatchObject({
    fields: ['title', 'x'],
  })
})

test('a caller without permission gets 403, even if the request is invalid', async () => {
  const created = await call(
    `POST ${adminPath}/api-keys`,
    {},
    { body: { name: 'reader', scopes: ['purchases:read', 'catalog:read'] } },
  )
  const { key, scopes } = z.object({ key: z.string(), scopes: z.array(z.string()) }).parse(created.body)
  expect(scopes).toEqual(['purchases:read', 'catalog:read'])
  expect(await call(`PUT ${entity}`, { id: 'a' }, { token: key, body: [] })).toMatchObject({
    code: 'scope_missing',
    fields: ['scope'],
  })
  expect(await call(`GET ${adminPath}/api-keys`, {}, { token: key, query: '?limit=1&limit=2' })).toMatchObject({ status: 403 })
})

test('no batch response is larger than 200 kB, and each failed item is listed', async () => {
  const invalid = Array.from({ length: 1_000 }, (_, n) => ({ ...film({ title: '' }), id: longId(n) }))
  const { status, body } = await call(batch, {}, { body: { items: invalid } })
  expect([status, bytesOf(body) < 200_000]).toEqual([200, true])
  const { failed, items } = Results.parse(body)
  expect(failed).toBe(1_000)
  expect(items.map(({ index, id, result }) => [index, id, result])).toEqual(invalid.map(({ id }, index) => [index, id, 'failed']))
  expect(items[0]?.error).toMatchObject({ code: 'validation', field: 'title' })

  const short = await call(batch, {}, { body: { items: invalid.map((item, n) => ({ ...item, id: `short-${n}` })) } })
  for (const { error } of Results.parse(short.body).items) expect(error).toMatchObject({ field: 'title' })

  const control = Array.from({ length: 1_000 }, () => ({ ...film({ id: '\u0001'.repeat(300) }), ['k'.repeat(5_000)]: 1 }))
  const requests: Parameters<typeof call>[] = [
    [batch, {}, { body: { items: control } }],
    [`POST ${entities}/import`, {}, { body: { rows: control } }],
    [`PUT ${entity}`, { id: 'a' }, { body: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`unknown${n}`, 0])) }],
    [`PUT ${entity}`, { id: 'a' }, { body: { ['a'.repeat(200_000)]: 0 } }],
  ]
  for (const request of requests) {
    const response = await call(...request)
    expect([request[0], bytesOf(response.body) < 200_000]).toEqual([request[0], true])
  }
})

test('no response to bulk offers is larger than 200 kB, and each failed id is listed', async () => {
  await putProduct('bulk')
  const ids = Array.from({ length: 1_000 }, (_, n) => longId(n))
  const { body } = await call(`POST ${offers}`, { id: 'bulk' }, { body: { entityIds: ids } })
  const { failed } = z.object({ failed: z.array(z.looseObject({ entityId: z.string() })) }).parse(body)
  expect([failed.map(({ entityId }) => entityId), bytesOf(body) < 200_000]).toEqual([ids, true])
  expect(failed[0]).toMatchObject({ error: { code: 'entity_not_found' } })
})

test("caches do not store a response about an archived entity for its buyer, and the site's server sees the same access as the buyer", async () => {
  await putEntity('kept', film())
  await putProduct('kept-week')
  await putOffer('kept-week', 'kept')
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client, 'kept-week', 'kept')
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  const token = await fetchToken(stack().stack.issuer, { user })
  const cacheControl = async () => {
    const { status, headers } = await sendAsAdmin('GET', `${clientPath}/entities/kept`, { token })
    return [status, headers.get('cache-control')]
  }
  expect(await cacheControl()).toEqual([200, 'public, max-age=10'])
  await putEntity('kept', film({ status: 'archived' }))
  expect(await cacheControl()).toEqual([200, 'no-store'])
  const own = await call(`GET ${clientPath}/access`, {}, { token, query: '?entityId=kept&entityId=unknown' })
  expect(own.body).toMatchObject({
    items: [
      { source: 'purchase', startsAt: expect.any(String) },
      { source: null, startsAt: null },
    ],
  })
  const forServer = await call(
    `GET ${adminPath}/users/{userId}/access`,
    { userId: user },
    { query: '?entityId=kept&entityId=unknown' },
  )
  expect(forServer.body).toEqual(own.body)
})

test('the catalog says for each product whether it can be bought', async () => {
  const later = new Date(Date.now() + 86_400_000).toISOString()
  const variants: [product: object, entity: object][] = [
    [{}, {}],
    [{ saleUntil: '2020-01-01T00:00:00.000Z' }, {}],
    [
      {
        prices: [
          { amount: 499, currency: 'usd' },
          { amount: 499, currency: 'eur' },
        ],
      },
      {},
    ],
    [{ accessDurationDays: null, rental: { startWithinDays: 30, watchWithinHours: 48 } }, {}],
    ...[{ taxCode: 'txcd_10402100' }, { taxBehavior: 'inclusive' }, { allowPromotionCodes: true }, { maxStreams: 2 }].map(
      (product): [object, object] => [product, {}],
    ),
    ...[{ availableFrom: later }, { playback: { provider: 'mux', playbackId: 'a' } }].map((changes): [object, object] => [
      {},
      changes,
    ]),
  ]
  for (const [index, [product, changes]] of variants.entries()) {
    const id = `variant-${index}`
    await putEntity(id, film(changes))
    await putProduct(id, product)
    await putOffer(id, id)
    const created = await create(await userToken(), id, id)
    const onSale = !('saleUntil' in product)
    expect([id, created]).toMatchObject([id, onSale ? { status: 200 } : { status: 409, code: 'product_not_on_sale' }])
    expect([id, (await call(`GET ${publicEntity}`, { id })).body]).toMatchObject([
      id,
      { products: onSale ? [{ id, onSale }] : [] },
    ])
  }
})

test('the list of products and an entity show the same terms of sale', async () => {
  const terms = {
    prices: [
      { amount: 499, currency: 'usd' },
      { amount: 450, currency: 'eur' },
    ],
    ...{ accessDurationDays: null, rental: { startWithinDays: 30, watchWithinHours: 48 }, allowPromotionCodes: true },
  }
  await putEntity('with-terms', film())
  await putProduct('with-terms', terms)
  await putOffer('with-terms', 'with-terms')
  const listed = await call('GET /client/v1/pay-to-view/products', {}, { query: '?entityId=with-terms' })
  const entity = await call(`GET ${publicEntity}`, { id: 'with-terms' })
  expect([listed.body, entity.body]).toMatchObject([{ items: [terms] }, { products: [terms] }])
})

test('a container that is not published appears only to users with access to it, nor do its members name it', async () => {
  await putEntity('hidden', { type: 'channel', title: 'Hidden' })
  await putEntity('shown', { type: 'channel', title: 'Shown' })
  await putEntity('member', film({ memberOf: ['hidden', { id: 'shown', position: 1 }] }))
  const user = stack().newUser()
  const grant = { userId: user, entityId: 'hidden', reason: 'press' }
  expect(await call(`POST ${adminPath}/grants`, {}, { body: grant })).toMatchObject({ status: 201 })
  const members = async (token: string | undefined) => {
    const { body } = await call(`GET ${publicEntities}`, {}, { token, query: '?memberOf=hidden' })
    return Page.parse(body).items
  }
  expect(await members(undefined)).toMatchObject([{ id: 'member' }])
  for (const status of ['draft', 'archived']) {
    await putEntity('hidden', { type: 'channel', title: 'Hidden', status })
    expect(await members(undefined)).toEqual([])
    expect(await members(await userToken())).toEqual([])
    const memberOf = [{ id: 'shown', position: 1 }]
    expect(await members(await fetchToken(stack().stack.issuer, { user }))).toMatchObject([{ id: 'member', memberOf }])
    expect(await call(`GET ${publicEntity}`, { id: 'member' }, { token: undefined })).toMatchObject({ body: { memberOf } })
    expect(await call(`GET ${entity}`, { id: 'member' })).toMatchObject({ body: { memberOf: ['hidden', ...memberOf] } })
  }
})

test('entities are written in batches, and an invalid entity fails without affecting the other entities', async () => {
  const items = [
    { id: 'batch-film', ...film({ memberOf: ['batch-channel'] }) },
    { id: 'batch-channel', type: 'channel', title: 'Channel' },
    { id: 'a b', ...film() },
    { id: 'batch-bad', type: 'video' },
    { id: 'batch-orphan', ...film({ memberOf: ['nothing'] }) },
    'text',
    film({ title: 'Without an id' }),
  ]
  const first = await call(batch, {}, { body: { items } })
  expect(first).toMatchObject({ status: 200, body: { created: 3, updated: 0, unchanged: 0, failed: 4 } })
  const { items: results } = z
    .object({ items: z.array(z.looseObject({ result: z.string(), error: z.looseObject({ field: z.string() }).optional() })) })
    .parse(first.body)
  expect(results.map(({ error, result }) => error?.field ?? result)).toEqual([
    ...['created', 'created', 'id', 'title', 'memberOf', 'body', 'created'],
  ])
  expect(await call(batch, {}, { body: { items: items.slice(0, 2) } })).toMatchObject({
    body: { unchanged: 2 },
  })
  expect(await call(batch, {}, { body: { items: [] } })).toMatchObject({ status: 400, fields: ['items'] })
  const tooMany = Array.from({ length: 1_001 }, () => ({}))
  expect(await call(batch, {}, { body: { items: tooMany } })).toMatchObject({
    status: 400,
    fields: ['items'],
  })
})

test('a batch that is repeated with the same idempotency key creates entities without an id once', async () => {
  const Results = z.object({ items: z.array(z.object({ id: z.string(), result: z.string() })) })
  const send = async (key: string, items: object[]) => {
    const { body } = await call(batch, {}, { body: { items }, headers: { 'idempotency-key': key } })
    return Results.parse(body).items
  }
  const first = await send('import-1', [film(), film(), { id: 'with-id', ...film() }])
  const [one, two] = first
  expect(first.map(({ result }) => result)).toEqual(['created', 'created', 'created'])
  expect(one?.id).toMatch(/^vid_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
  expect(two?.id).not.toBe(one?.id)
  const repeated = await send('import-1', [film(), film({ title: 'Another film' }), { id: 'with-id', ...film() }])
  expect(repeated).toMatchObject([{ id: one?.id, result: 'unchanged' }, { result: 'created' }, { result: 'unchanged' }])
  expect(repeated[1]?.id).not.toBe(two?.id)
  expect(await send('import-2', [film()])).toMatchObject([{ result: 'created' }])
})

test('an empty search lists everything, as without a search', async () => {
  await putEntity('any-title', film())
  await putProduct('any-name')
  for (const path of [entities, publicEntities, `${adminPath}/products`]) {
    const all = await call(`GET ${path}`, {}, { query: '?limit=2' })
    expect(Page.parse(all.body).items).not.toEqual([])
    expect(await call(`GET ${path}`, {}, { query: '?limit=2&query=%20' })).toMatchObject(all)
    expect(await call(`GET ${path}`, {}, { query: '?limit=2&query=' })).toMatchObject(all)
  }
})
