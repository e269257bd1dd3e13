import { request } from 'node:http'
import { createPayToViewClient } from '@pay-to-view/client'
import { seeded, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

const stack = useStack()
const { send, get, post } = createHttpClient(() => stack().stack.api)
let token: string
let admin: string

beforeAll(async () => {
  token = await fetchToken(stack().stack.issuer, { user: 'alice' })
  admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
})

const purchases = '/client/v1/pay-to-view/purchases'
const refunds = '/admin/v1/pay-to-view/purchases/ptv_01m85eetz2e8qthwsqr5v0dh8g/refund'
const wanted = { payToViewProductId: seeded.thirtyDays, entityId: seeded.film, returnUrl: 'https://yoursite.com/' }

const Created = z.object({ purchaseId: z.string(), clientSecret: z.string(), stripeCustomerId: z.string() })

/** A path as it is, which fetch would mend. */
const raw = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const { hostname, port } = new URL(stack().stack.api)
    request({ hostname, port, path, method, headers }, async (answer) => {
      resolve({ status: answer.statusCode, body: (await answer.toArray()).join(''), headers: answer.headers })
    })
      .once('error', reject)
      .end()
  })

describe('an address', () => {
  test.each(['/', '/nothing', '/client/v1/pay-to-view', '/client/v1/pay-to-view/access/x', '/trpc', '//', '/docs/x'])(
    '%s that is none is a 404 problem',
    async (path) => {
      const answer = await raw(path)
      expect(answer).toMatchObject({
        status: 404,
        headers: { 'content-type': expect.stringContaining('application/problem+json') },
      })
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_found', status: 404, errors: [] })
    },
  )

  test('that cannot be decoded is a 400 problem', async () => {
    const answer = await raw(`${purchases}/%zz`)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'validation', errors: [{ field: 'path' }] })
  })

  test('may be percent-encoded', async () => {
    expect(await get(`${purchases}/ptv%5F01m85eetz2e8qthwsqr5v0dh8g`, { token })).toMatchObject({
      status: 404,
      body: { code: 'purchase_not_found' },
    })
    expect(await get(`${purchases}?page%53ize=10&pa%67e=1`, { token })).toMatchObject({
      status: 200,
      body: { pageSize: 10, page: 1 },
    })
  })

  test.each([
    ['PUT', purchases, 'GET, HEAD, OPTIONS, POST'],
    ['DELETE', `${purchases}/ptv_01m85eetz2e8qthwsqr5v0dh8g`, 'GET, HEAD, OPTIONS'],
    ['POST', '/client/v1/pay-to-view/access', 'GET, HEAD, OPTIONS'],
    ['GET', refunds, 'OPTIONS, POST'],
    ['HEAD', '/client/v1/webhooks/stripe', 'OPTIONS, POST'],
    ['PATCH', '/client/v1/webhooks/stripe', 'OPTIONS, POST'],
    ['POST', '/openapi.json', 'GET, HEAD, OPTIONS'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['PROPFIND', purchases, 'GET, HEAD, OPTIONS, POST'],
    ['M-SEARCH', '/openapi.json', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/healthz', 'GET, HEAD, OPTIONS'],
    ['MKCOL', '/trpc/purchases.list', 'GET, OPTIONS, POST'],
    ['DELETE', '/trpc/purchases.list', 'GET, OPTIONS, POST'],
    ['HEAD', '/trpc/products.list', 'GET, OPTIONS, POST'],
  ])('does not take %s %s: 405 with Allow', async (method, path, allow) => {
    const answer = await raw(path, method, { authorization: `Bearer ${token}` })
    expect([answer.status, answer.headers.allow]).toEqual([405, allow])
    if (method !== 'HEAD') expect(JSON.parse(answer.body)).toMatchObject({ code: 'method_not_allowed' })
  })

  test.each([
    ['GET', 'purchases.create', 'POST'],
    ['POST', 'purchases.list', 'GET'],
  ])('says for %s of the procedure %s what it takes', async (method, path, allow) => {
    const answer = await send(method, `/trpc/${path}`, { token, body: method === 'POST' ? {} : undefined })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
  })

  test('that is none is not found by any method', async () => {
    const answer = await raw('/nothing', 'PROPFIND')
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([404, 'not_found'])
  })

  test('says on OPTIONS what it takes', async () => {
    const answer = await send('OPTIONS', purchases)
    expect([answer.status, answer.headers.get('allow'), answer.body]).toEqual([204, 'GET, HEAD, OPTIONS, POST', ''])
  })

  test('without the id is refused by the field', async () => {
    expect(await get(`${purchases}/`, { token })).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } })
  })

  test('answers HEAD as GET, without the body', async () => {
    const answer = await send('HEAD', purchases, { token })
    expect([answer.status, answer.type, answer.body]).toEqual([200, 'application/json; charset=utf-8', ''])
    expect((await send('HEAD', purchases)).status).toBe(401)
  })
})

describe("a page's origin", () => {
  const preflight = (origin: string) =>
    send('OPTIONS', purchases, {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })

  test('that is not configured is not let in', async () => {
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a body', () => {
  const create = (body: string, type = 'application/json') => post(purchases, { token, body, headers: { 'content-type': type } })

  test.each(['', '{', '{"a":}', 'null x', '\u0000', 'undefined'])('%j that is no JSON is refused and named', async (body) => {
    const answer = await create(body)
    expect(answer).toMatchObject({ status: 400, type: expect.stringContaining('application/problem+json') })
    expect(answer.body).toMatchObject({ code: 'validation', errors: expect.arrayContaining([expect.anything()]) })
    if (body !== '')
      expect(answer.body).toMatchObject({ errors: [{ field: 'body', message: expect.stringContaining('Expected JSON') }] })
  })

  test.each(['[]', '"text"', '7', 'true', `[${JSON.stringify(wanted)}]`])('%s that is no object is refused', async (body) => {
    expect(await create(body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'body', message: 'Expected a JSON object' }] },
    })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml', 'json'])(
    'of the type %s is refused: 415',
    async (type) => {
      expect(await create(JSON.stringify(wanted), type)).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    },
  )

  test('may say its charset', async () => {
    expect(await create('{}', 'application/json; charset=utf-8')).toMatchObject({ status: 400, body: { code: 'validation' } })
  })

  test('is refused with every field that is wrong, what was expected, and an example', async () => {
    expect(await create('{ "payToViewProductId": 7, "entityId": "ptv_01m85eetz2e8qthwsqr5v0dh8g" }')).toMatchObject({
      status: 400,
      body: {
        errors: [
          { field: 'payToViewProductId', message: 'Expected the id of a product, such as prod_01m85eetz2e8qthwsqr5v0dh8g' },
          { field: 'entityId', message: expect.stringContaining('such as vid_') },
          { field: 'returnUrl', message: expect.stringContaining('https://') },
        ],
      },
    })
  })

  test('may carry fields that nobody knows, its own prototype included: Stripe is told of none', async () => {
    const metadata = {
      userId: 'root',
      entityId: seeded.channel,
      payToViewPurchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8g',
      vip: 'yes',
    }
    const more = { userId: 'root', metadata, payment_intent_data: { metadata }, customer: 'cus_of_another', line_items: [] }
    const answer = await create(`{ "__proto__": { "admin": true }, ${JSON.stringify({ ...more, ...wanted }).slice(1)}`)
    const { purchaseId, clientSecret, stripeCustomerId } = Created.parse(answer.body)
    const { stripe } = stack()
    const [sessionId = ''] = clientSecret.split('_secret_')
    const told = {
      ...{ payToViewPurchaseId: purchaseId, payToViewProductId: seeded.thirtyDays, userId: 'alice' },
      ...{ entityId: seeded.film, entityType: '1' },
    }
    expect(await stripe.checkout.sessions.retrieve(sessionId)).toMatchObject({ customer: stripeCustomerId, amount_total: 499 })
    await stack().pay(sessionId)
    await stack().whenStatus(await stack().client('alice'), purchaseId, 'Completed')
    const session = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
    expect(session.metadata).toEqual(told)
    expect(session.payment_intent).toMatchObject({ metadata: told })
    const { items } = z
      .object({ items: z.array(z.object({ entityId: z.string() })) })
      .parse((await get(purchases, { token })).body)
    expect(items).toEqual([expect.objectContaining({ entityId: seeded.film })])
  })

  test('of a refund may be missing, whatever its type is said to be', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const answer = await post(refunds, { token: admin, body: '', headers: { 'content-type': type } })
      expect(answer).toMatchObject({ status: 404, body: { code: 'purchase_not_found' } })
    }
    expect(await post(refunds, { token: admin })).toMatchObject({ status: 404 })
  })

  test.each(['', 'two words', 'duplicate-1', 'x'.repeat(201)])('with the idempotency key %j names the header', async (key) => {
    const answer = await post(refunds, { token: admin, headers: { 'idempotency-key': key } })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } })
  })
})

describe('a query', () => {
  test.each([
    ['page=abc', 'page', 'Expected a whole number from 1'],
    ['page=', 'page', 'Expected a whole number from 1'],
    ['page=0', 'page', 'Expected a whole number from 1'],
    ['page=-1', 'page', 'Expected a whole number from 1'],
    ['page=1.5', 'page', 'Expected a whole number from 1'],
    ['page=1e1', 'page', 'Expected a whole number from 1'],
    ['pageSize=0', 'pageSize', 'Expected 1 to 100'],
    ['pageSize=1000', 'pageSize', 'Expected 1 to 100'],
    ['page=1&page=2', 'page', 'Expected it once'],
  ])('%s is refused, and the field named', async (query, field, message) => {
    expect(await get(`${purchases}?${query}`, { token })).toMatchObject({ status: 400, body: { errors: [{ field, message }] } })
  })

  test.each(['', '?', '?page=1&other=2', '?%zz=%zz', '?constructor=1&__proto__=2'])('%j is taken', async (query) => {
    expect(await get(purchases + query, { token })).toMatchObject({ status: 200, body: { page: 1, pageSize: 10 } })
  })

  test('for access wants an entity, and takes many', async () => {
    const access = '/client/v1/pay-to-view/access'
    expect(await get(access, { token })).toMatchObject({
      body: { errors: [{ field: 'entityId', message: 'Expected at least one entityId' }] },
    })
    expect(await get(`${access}?entityId=`, { token })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'entityId.0' }] },
    })
    const many = Array.from({ length: 101 }, () => `entityId=${seeded.film}`)
    expect(await get(`${access}?${many.join('&')}`, { token })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'entityId' }] },
    })
    expect(await get(`${access}?${many.slice(1).join('&')}`, { token })).toMatchObject({ status: 200 })
  })
})

describe('a token', () => {
  test('that is missing or bad is told so by REST and tRPC alike, with a challenge', async () => {
    for (const path of [purchases, '/trpc/purchases.list?input={}']) {
      const missing = await get(path)
      expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      for (const authorization of ['', 'Bearer', 'Bearer a.b.c', `Basic ${token}`, token]) {
        const bad = await get(path, { headers: { authorization } })
        expect([bad.status, bad.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
      }
    }
  })

  test('may have its scheme in any case', async () => {
    expect((await get(purchases, { headers: { authorization: `bearer ${token}` } })).status).toBe(200)
  })

  test('of a user opens no admin path, by REST or tRPC, and does not tell what is there', async () => {
    expect(await post(refunds, { token })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await post('/trpc/admin.purchases.refund', { token, body: { id: 'x' } })).toMatchObject({
      status: 403,
      body: { error: { data: { code: 'FORBIDDEN', problem: { code: 'forbidden' } } } },
    })
  })
})

describe('tRPC', () => {
  const client = () => createPayToViewClient({ url: stack().stack.api, token })

  test('names the fields as REST does', async () => {
    const rest = await post(purchases, { token, body: {} })
    const { errors } = z.object({ errors: z.array(z.unknown()) }).parse(rest.body)
    expect(errors).toHaveLength(3)
    const trpc = await post('/trpc/purchases.create', { token, body: {} })
    expect(trpc).toMatchObject({
      status: 400,
      body: { error: { data: { code: 'BAD_REQUEST', problem: { code: 'validation', errors } } } },
    })
  })

  test('tells an error of a procedure as REST does', async () => {
    await expect(client().purchases.get.query({ id: 'ptv_01m85eetz2e8qthwsqr5v0dh8g' })).rejects.toMatchObject({
      data: {
        code: 'NOT_FOUND',
        httpStatus: 404,
        problem: { code: 'purchase_not_found', status: 404, errors: [{ field: 'id' }] },
      },
    })
    await expect(client().entities.get.query({ entityId: 'vid_01m85eetz2e8qthwsqr5v0dh80' })).rejects.toMatchObject({
      data: { problem: { code: 'entity_not_found' } },
    })
  })

  test('answers questions that together are longer than an address may be', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => `vid_01m85eetz2e8qthwsqr5v0${String(n).padStart(4, '0')}`)
    const trpc = client()
    const pages = await Promise.all(Array.from({ length: 8 }, () => trpc.access.checkMany.query({ entityId: ids })))
    expect(pages.flatMap(({ items }) => items)).toHaveLength(800)
  })

  // What is not a plain question, such as one with parameters of the connection, tRPC's own adapter answers.
  test.each([
    `access.check?input={"entityId":"${seeded.film}"}`,
    'access.check?input={"entityId":"x"}',
    'access.check',
    'purchases.list?input={"pageSize":1000}',
    'purchases.list',
    'admin.stuck',
    `access.check,entities.list,purchases.list?batch=1&input={"0":{"entityId":"${seeded.film}"},"2":{"page":2}}`,
    'entities.list,admin.stuck?batch=1&input={}',
    'access.check,admin.stuck?batch=1',
    'access.check,access.check?batch=1&input={"0":{"entityId":"x"}}',
  ])('answers %s in the words of its own adapter', async (path) => {
    const address = `/trpc/${path.replace(/(?<=input=).*/, encodeURIComponent)}`
    const ours = await get(address, { token })
    const theirs = await get(`${address}${path.includes('?') ? '&' : '?'}connectionParams=null`, { token })
    const instance = /"instance":"[^"]*"/g
    expect([ours.status, ours.type]).toEqual([theirs.status, `${theirs.type}; charset=utf-8`])
    expect(JSON.stringify(ours.body).replaceAll(instance, '')).toBe(JSON.stringify(theirs.body).replaceAll(instance, ''))
  })

  test.each([
    ['GET', 'purchases.nothing', undefined, 404, 'not_found'],
    ['GET', 'purchases.create', undefined, 405, 'method_not_allowed'],
    ['GET', 'purchases.list?input=%7B', undefined, 400, 'validation'],
    ['POST', 'purchases.create', '{', 400, 'validation'],
  ])('refuses %s %s %s as a problem', async (method, path, body, status, code) => {
    expect(await send(method, `/trpc/${path}`, { token, body })).toMatchObject({
      status,
      body: { error: { data: { httpStatus: status, problem: { code, status } } } },
    })
  })
})

describe('to read', () => {
  test('/docs shows the document with files of this server only', async () => {
    const moved = await get('/docs')
    const page =
      moved.status === 302 ? await get(new URL(moved.headers.get('location') ?? '', `${stack().stack.api}/docs`).pathname) : moved
    expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') })
    const html = String(page.body)
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/)
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) expect((await get(new URL(file, `${stack().stack.api}/docs/`).pathname)).status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect((await get('/docs/json')).body).toEqual((await get('/openapi.json')).body)
  })

  test('/healthz, /readyz and /metrics', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { database: 'ok', temporal: 'ok' } })
    expect((await get('/metrics')).body).toContain('pay_to_view_webhooks_total')
  })
})

test('every answer carries the id of its request, and a problem names it', async () => {
  const answer = await get('/nothing')
  expect(answer.body).toMatchObject({ instance: answer.headers.get('x-request-id') })
})
