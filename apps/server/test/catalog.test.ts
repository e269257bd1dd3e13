import { waitFor } from '@pay-to-view/devstack/wait'
import { Client, Connection } from '@temporalio/client'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  adminPath,
  clientPath,
  entities,
  entity,
  offer,
  offers,
  product,
  publicEntities,
  publicEntity,
  publicProducts,
  purchases,
  useCatalogOperations,
} from './catalog-operations.ts'
import { fetchToken } from './token.ts'

const { stack, call, sendAsAdmin, userToken, putEntity, putProduct, putOffer, create } = useCatalogOperations()

const Page = z.object({ items: z.array(z.looseObject({ id: z.string().optional() })), nextCursor: z.string().nullable() })
const film = (changes: object = {}) => ({ type: 'video', title: 'Nosferatu', ...changes })

test("an entity with the site's own id is sold, watched and refunded under that id everywhere", async () => {
  const [season, filmId, productId] = ['kino:season~1', 'film:1922~cut.2', 'week:usd']
  expect(await putEntity(season, { type: 'content', title: 'Season' })).toMatchObject({ status: 201, body: { id: season } })
  const stored = film({ memberOf: [{ id: season, position: 3 }], metadata: { sku: '7' }, imageUrl: 'https://a.example/i.jpg' })
  expect(await putEntity(filmId, stored)).toMatchObject({ status: 201 })
  expect(await putEntity(filmId, stored)).toMatchObject({ status: 200, body: { id: filmId, ...stored, status: 'published' } })
  expect(await call(`GET ${entity}`, { id: filmId })).toMatchObject({ status: 200, body: stored })
  expect(await putProduct(productId)).toMatchObject({ status: 201, body: { id: productId, rental: null } })
  expect(await putOffer(productId, filmId)).toMatchObject({ status: 204, body: '' })
  expect(await call(`GET ${publicEntity}`, { id: filmId }, { token: undefined })).toMatchObject({
    body: {
      id: filmId,
      memberOf: [{ id: season, position: 3 }],
      products: [{ id: productId, prices: [{ amount: 499, currency: 'usd' }] }],
    },
  })
  expect(
    await call(`GET ${publicProducts}`, {}, { token: undefined, query: `?entityId=${encodeURIComponent(filmId)}` }),
  ).toMatchObject({
    body: {
      items: [{ payToViewProductId: productId, amount: 499, currency: 'usd', entities: [{ entityId: filmId, entityType: 1 }] }],
    },
  })

  const user = stack().newUser()
  const token = await fetchToken(stack().stack.issuer, { user })
  const created = z
    .object({ purchaseId: z.string(), clientSecret: z.string() })
    .parse((await create(token, productId, filmId)).body)
  const sessionId = created.clientSecret.split('_secret_')[0] ?? ''
  expect((await stack().stripe.checkout.sessions.retrieve(sessionId)).metadata).toMatchObject({
    ...{ entityId: filmId, entityType: '1', payToViewProductId: productId },
  })
  await stack().pay(sessionId)
  await stack().waitForStatus(await stack().client(user), created.purchaseId, 'Completed')
  expect(await call(`GET ${purchases}`, {}, { token, query: '?page=1&pageSize=10' })).toMatchObject({
    body: { items: [{ entityId: filmId, entityType: 1, payToViewProductId: productId, hasAccess: true }] },
  })
  expect(await call(`GET ${clientPath}/access`, {}, { token, query: `?entityId=${encodeURIComponent(filmId)}` })).toMatchObject({
    body: { items: [{ entityId: filmId, hasAccess: true, purchaseId: created.purchaseId }] },
  })
  const playback = await call(`POST ${clientPath}/access/playback-token`, {}, { token, body: { entityId: filmId } })
  expect(decodeJwt(z.object({ token: z.string() }).parse(playback.body).token)).toMatchObject({ entityId: filmId, sub: user })
  const { temporalAddress: address, temporalNamespace: namespace } = stack().stack
  const connection = await Connection.connect({ address })
  const { workflow } = new Client({ connection, namespace })
  // Polls, because Temporal's visibility store is eventually consistent.
  await waitFor(
    'the search attribute',
    async () => (await workflow.count(`EntityId = "${filmId}" AND PayToViewProductId = "${productId}"`)).count === 1,
    { timeoutMs: 20_000, intervalMs: 250 },
  )
  await connection.close()
  const csv = await sendAsAdmin('GET', `${adminPath}/purchases.csv?entityId=${encodeURIComponent(filmId)}`)
  expect(csv.body).toContain(`"${filmId}"`)
  expect(csv.body).toContain(`"${productId}"`)

  expect(await call(`DELETE ${entity}`, { id: filmId })).toMatchObject({ status: 409, code: 'entity_in_use' })
  expect(await putEntity(filmId, film({ type: 'content' }))).toMatchObject({
    status: 409,
    code: 'entity_in_use',
    fields: ['type'],
  })
  // An archived entity is still visible to its buyers, and to nobody else.
  expect(await putEntity(filmId, { ...stored, status: 'archived' })).toMatchObject({ status: 200 })
  expect(await call(`GET ${publicEntity}`, { id: filmId }, { token })).toMatchObject({ status: 200, body: { products: [] } })
  expect(await call(`GET ${publicEntity}`, { id: filmId }, { token: await userToken() })).toMatchObject({ status: 404 })
  expect(await call(`GET ${publicEntity}`, { id: filmId }, { token: undefined })).toMatchObject({ code: 'entity_not_found' })
  expect(await create(token, productId, filmId)).toMatchObject({ body: { success: false, hasAccess: true } })
  expect(await create(await userToken(), productId, filmId)).toMatchObject({ status: 404, code: 'entity_not_found' })
  const refunded = await call(`POST ${adminPath}/purchases/{id}/refund`, { id: created.purchaseId })
  expect(refunded).toMatchObject({ status: 200, body: { status: 'Refunded' } })
  expect(await call(`GET ${publicEntity}`, { id: filmId }, { token })).toMatchObject({ status: 404 })
})

test('access to a channel includes the films of its seasons', async () => {
  await putEntity('serial', { type: 'channel', title: 'Serial' })
  await putEntity('serial.1', { type: 'content', title: 'Season 1', memberOf: ['serial'] })
  await putEntity('serial.1.1', film({ memberOf: ['serial.1'] }))
  await putProduct('serial-year')
  await putOffer('serial-year', 'serial')
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client, 'serial-year', 'serial')
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  expect(await client.access.check.query({ entityId: 'serial.1.1' })).toMatchObject({ hasAccess: true, purchaseId })
  expect(await putEntity('serial.1.1', { type: 'content', title: 'x', memberOf: ['serial.1'] })).toMatchObject({
    code: 'entity_in_use',
  })
  expect(await call(`DELETE ${entity}`, { id: 'serial.1.1' })).toMatchObject({ status: 409 })
})

describe('buying entities and products', () => {
  const soon = new Date(Date.now() + 86_400_000).toISOString()
  const ago = '2020-01-01T00:00:00.000Z'
  test.each<[string, object, object, object]>([
    ['draft', { status: 'draft' }, {}, { status: 404, code: 'entity_not_found' }],
    ['archived', { status: 'archived' }, {}, { status: 404, code: 'entity_not_found' }],
    ['ended', { availableUntil: ago }, {}, { status: 409, code: 'product_not_on_sale', fields: ['entityId'] }],
    ['withdrawn', {}, { status: 'withdrawn' }, { status: 409, code: 'product_not_on_sale', fields: ['payToViewProductId'] }],
    ['future-sale', {}, { saleFrom: soon }, { status: 409, code: 'product_not_on_sale' }],
    ['past-sale', {}, { saleUntil: ago }, { status: 409, code: 'product_not_on_sale' }],
  ])('%s: cannot be bought', async (id, ofEntity, ofProduct, expected) => {
    expect(await putEntity(id, film(ofEntity))).toMatchObject({ status: 201, body: ofEntity })
    expect(await putProduct(id, ofProduct)).toMatchObject({ status: 201, body: ofProduct })
    await putOffer(id, id)
    expect(await create(await userToken(), id, id)).toMatchObject(expected)
  })

  test('rentals, and entities that are released later, can be bought', async () => {
    await putEntity('later-rental', film({ availableFrom: soon }))
    await putProduct('later-rental', { accessDurationDays: null, rental: { startWithinDays: 30, watchWithinHours: 48 } })
    await putOffer('later-rental', 'later-rental')
    expect(await create(await userToken(), 'later-rental', 'later-rental')).toMatchObject({
      status: 200,
      body: { success: true },
    })
  })

  test('products with several currencies, a tax code and promotion codes can be bought', async () => {
    const prices = [
      { amount: 499, currency: 'usd' },
      { amount: 450, currency: 'eur' },
    ]
    await putEntity('money', film())
    await putProduct('money', { prices, taxCode: 'txcd_10402100', taxBehavior: 'exclusive', allowPromotionCodes: true })
    await putOffer('money', 'money')
    expect(await create(await userToken(), 'money', 'money')).toMatchObject({ status: 200, body: { success: true } })
    // This server collects no tax, so no price is marked as excluding tax.
    const [publicly, toAdmin] = [
      await call(`GET ${publicEntity}`, { id: 'money' }, { token: undefined }),
      await call(`GET ${product}`, { id: 'money' }),
    ]
    expect(publicly).toMatchObject({ body: { products: [{ id: 'money', taxBehavior: null }] } })
    expect(toAdmin).toMatchObject({ body: { taxBehavior: 'exclusive' } })
  })

  test('a past availableFrom and an open sale do not prevent a purchase', async () => {
    await putEntity('open', film({ availableFrom: ago, availableUntil: soon }))
    await putProduct('open', { saleFrom: ago, saleUntil: soon })
    await putOffer('open', 'open')
    expect(await create(await userToken(), 'open', 'open')).toMatchObject({ status: 200, body: { success: true } })
  })
})

describe('entities', () => {
  test.each([
    [{ title: 'x' }, 'type'],
    [film({ typ: 'video' }), 'typ'],
    [film({ imageUrl: 'ftp://a' }), 'imageUrl'],
    [film({ memberOf: ['nothing'] }), 'memberOf'],
    [film({ memberOf: ['invalid-itself'] }), 'memberOf'],
    [film({ availableFrom: '2027-01-01T00:00:00Z', availableUntil: '2026-01-01T00:00:00Z' }), 'availableUntil'],
  ])('%j is rejected with the field name', async (body, field) => {
    expect(await putEntity('invalid-itself', body)).toMatchObject({ status: 400, code: 'validation', fields: [field] })
  })

  test.each(['a b', 'a/b', '..', 'ü', 'x'.repeat(129), 'a\u0000'])('the id %j is rejected', async (id) => {
    const response = await sendAsAdmin('PUT', `${adminPath}/entities/${encodeURIComponent(id).replaceAll('.', '%2E')}`, {
      body: film(),
    })
    expect([400, 404]).toContain(response.status)
  })

  test('are listed page by page, and no response exceeds 200 kB', async () => {
    const items = Array.from({ length: 120 }, (_, n) => ({
      ...{ id: `page-${String(n).padStart(3, '0')}`, ...film({ title: `Paged film ${n}`, description: 'd'.repeat(5_000) }) },
    }))
    expect(await call(`POST ${entities}/batch`, {}, { body: { items } })).toMatchObject({ body: { created: 120 } })
    for (const path of [entities, publicEntities]) {
      const ids: unknown[] = []
      let cursor = ''
      do {
        const { status, body } = await call(`GET ${path}`, {}, { query: `?query=paged&limit=100${cursor}` })
        expect(status).toBe(200)
        expect(JSON.stringify(body).length).toBeLessThan(200_000)
        const page = Page.parse(body)
        ids.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
      } while (cursor !== '')
      expect(ids).toEqual(items.map(({ id }) => id))
    }
    expect(await call(`GET ${publicEntities}`, {}, { query: '?cursor=abc' })).toMatchObject({ status: 400, fields: ['cursor'] })
    expect(await call(`GET ${publicEntities}`, {}, { query: '?limit=201' })).toMatchObject({ status: 400, fields: ['limit'] })
    expect(await call(`GET ${publicEntities}`, {}, { query: '?status=draft' })).toMatchObject({ status: 400, fields: ['status'] })
    expect(await call(`GET ${entities}`, {}, { query: '?status=archived&type=content' })).toMatchObject({ body: { items: [] } })
  })

  test('can be deleted until a checkout is started', async () => {
    await putEntity('unsold', film())
    expect(await call(`DELETE ${entity}`, { id: 'unsold' })).toMatchObject({ status: 204, body: '' })
    expect(await call(`DELETE ${entity}`, { id: 'unsold' })).toMatchObject({ status: 404, code: 'entity_not_found' })
    expect(await call(`GET ${entity}`, { id: 'unsold' })).toMatchObject({ status: 404 })
    await putEntity('unpaid', film())
    await putProduct('unpaid-week')
    await putOffer('unpaid-week', 'unpaid')
    expect(await create(await userToken(), 'unpaid-week', 'unpaid')).toMatchObject({ status: 200 })
    expect(await call(`DELETE ${entity}`, { id: 'unpaid' })).toMatchObject({
      ...{ status: 409, code: 'entity_in_use', body: { title: expect.stringContaining('or a checkout was started') } },
    })
  })
})

describe('products', () => {
  test('are replaced, listed by status and offered in bulk', async () => {
    expect(await putProduct('bulk')).toMatchObject({ status: 201 })
    expect(await putProduct('bulk')).toMatchObject({ status: 200 })
    expect(await putProduct('bulk', { status: 'withdrawn' })).toMatchObject({ status: 200, body: { status: 'withdrawn' } })
    expect(await call(`GET ${product}`, { id: 'bulk' })).toMatchObject({
      body: { id: 'bulk', status: 'withdrawn', accessDurationDays: 7 },
    })
    expect(await call(`GET ${product}`, { id: 'nothing' })).toMatchObject({ status: 404, code: 'product_not_found' })
    const { body } = await call(`GET ${adminPath}/products`, {}, { query: '?status=withdrawn&limit=200' })
    expect(Page.parse(body).items.map(({ id }) => id)).toContain('bulk')
    await putEntity('bulk-1', film())
    await putEntity('bulk-2', film())
    const entityIds = ['bulk-1', 'bulk-2', 'nothing', 'a b']
    expect(await call(`POST ${offers}`, { id: 'bulk' }, { body: { entityIds } })).toMatchObject({
      status: 200,
      body: { added: 2, already: 0, failed: [{ entityId: 'a b' }, { entityId: 'nothing', error: { code: 'entity_not_found' } }] },
    })
    expect(await call(`POST ${offers}`, { id: 'bulk' }, { body: { entityIds: ['bulk-1'] } })).toMatchObject({
      body: { added: 0, already: 1 },
    })
    expect(await call(`GET ${offers}`, { id: 'bulk' }, { query: '?limit=1' })).toMatchObject({
      body: { items: [{ entityId: 'bulk-1', type: 'video' }], nextCursor: expect.any(String) },
    })
    expect(await call(`DELETE ${offer}`, { id: 'bulk', entityId: 'bulk-1' })).toMatchObject({ status: 204 })
    expect(await call(`GET ${offers}`, { id: 'bulk' })).toMatchObject({
      body: { items: [{ entityId: 'bulk-2' }], nextCursor: null },
    })
  })

  test('on sale are listed without their entities', async () => {
    await putProduct('listed')
    const { body } = await call(`GET ${publicProducts}`, {}, { token: undefined, query: '?limit=200' })
    const items = z.object({ items: z.array(z.looseObject({ payToViewProductId: z.string() })) }).parse(body).items
    expect(items.map((item) => item.payToViewProductId)).toContain('listed')
    for (const item of items) expect(item).not.toHaveProperty('entities')
  })
})
