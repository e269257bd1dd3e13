import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

const stack = useSharedStack()
const { send, sendRaw, get, post } = createHttpClient(() => stack().stack.api)
let user: string
let token: string
let admin: string

beforeAll(async () => {
  user = stack().newUser()
  token = await fetchToken(stack().stack.issuer, { user })
  admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
})

const purchases = '/client/v1/pay-to-view/purchases'
const refunds = '/admin/v1/pay-to-view/purchases/ptv_01m85eetz2e8qthwsqr5v0dh8g/refund'
const createInput = { payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }

const Created = z.object({ purchaseId: z.string(), clientSecret: z.string(), stripeCustomerId: z.string() })

describe('a path', () => {
  test.each(['/', '/nothing', '/client/v1/pay-to-view', '/client/v1/pay-to-view/access/x', '/trpc', '//', '/docs/x'])(
    '%s that does not exist is a 404 problem',
    async (path) => {
      const response = await sendRaw(path)
      expect(response).toMatchObject({
        status: 404,
        headers: { 'content-type': expect.stringContaining('application/problem+json') },
      })
      expect(JSON.parse(response.body)).toMatchObject({ code: 'not_found', status: 404, errors: [] })
    },
  )

  test('with an invalid percent-encoding is a 400 problem', async () => {
    const response = await sendRaw(`${purchases}/%zz`)
    expect(response.status).toBe(400)
    expect(JSON.parse(response.body)).toMatchObject({ code: 'validation', errors: [{ field: 'path' }] })
  })

  test('can be percent-encoded', async () => {
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
  ])('rejects %s %s: 405 with Allow', async (method, path, allow) => {
    const response = await sendRaw(path, method, { authorization: `Bearer ${token}` })
    expect([response.status, response.headers.allow]).toEqual([405, allow])
    if (method !== 'HEAD') expect(JSON.parse(response.body)).toMatchObject({ code: 'method_not_allowed' })
  })

  test('rejects GET of a procedure that changes something: 405 with Allow', async () => {
    const response = await send('GET', '/trpc/purchases.create', { token })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('accepts POST of a query, whose input may be too long for a URL', async () => {
    expect(await send('POST', '/trpc/purchases.list', { token, body: {} })).toMatchObject({ status: 200 })
  })

  test('that does not exist is a 404 for any method', async () => {
    const response = await sendRaw('/nothing', 'PROPFIND')
    expect([response.status, JSON.parse(response.body).code]).toEqual([404, 'not_found'])
  })

  test('returns its methods for OPTIONS', async () => {
    const response = await send('OPTIONS', purchases)
    expect([response.status, response.headers.get('allow'), response.body]).toEqual([204, 'GET, HEAD, OPTIONS, POST', ''])
  })

  test('without the id names the field', async () => {
    expect(await get(`${purchases}/`, { token })).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } })
  })

  test('handles HEAD like GET, without the body', async () => {
    const response = await send('HEAD', purchases, { token })
    expect([response.status, response.type, response.body]).toEqual([200, 'application/json; charset=utf-8', ''])
    expect((await send('HEAD', purchases)).status).toBe(401)
  })
})

describe('a body', () => {
  const create = (body: string, type = 'application/json') => post(purchases, { token, body, headers: { 'content-type': type } })

  test.each(['', '{', '{"a":}', 'null x', '\u0000', 'undefined'])('%j that is not JSON is rejected', async (body) => {
    const response = await create(body)
    expect(response).toMatchObject({ status: 400, type: expect.stringContaining('application/problem+json') })
    expect(response.body).toMatchObject({ code: 'validation', errors: expect.arrayContaining([expect.anything()]) })
    if (body !== '')
      expect(response.body).toMatchObject({ errors: [{ field: 'body', message: expect.stringContaining('Expected JSON') }] })
  })

  test.each(['[]', '"text"', '7', 'true', `[${JSON.stringify(createInput)}]`])(
    '%s that is not an object is rejected',
    async (body) => {
      expect(await create(body)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'body', message: 'Expected a JSON object' }] },
      })
    },
  )

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml', 'json'])(
    'of the type %s is rejected: 415',
    async (type) => {
      expect(await create(JSON.stringify(createInput), type)).toMatchObject({
        status: 415,
        body: { code: 'unsupported_media_type' },
      })
    },
  )

  test('can have a charset', async () => {
    expect(await create('{}', 'application/json; charset=utf-8')).toMatchObject({ status: 400, body: { code: 'validation' } })
  })

  test('is rejected with every invalid field, what was expected, and an example', async () => {
    expect(await create('{ "payToViewProductId": 7, "entityId": "a/b" }')).toMatchObject({
      status: 400,
      body: {
        errors: [
          { field: 'payToViewProductId', message: expect.stringContaining('1 to 128 characters') },
          { field: 'entityId', message: expect.stringContaining('1 to 128 characters') },
          { field: 'returnUrl', message: expect.stringContaining('https://') },
        ],
      },
    })
  })

  test('can have unknown fields, including __proto__, which do not reach Stripe', async () => {
    const metadata = {
      userId: 'root',
      entityId: seedIds.channel,
      payToViewPurchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8g',
      vip: 'yes',
    }
    const unknownFields = {
      userId: 'root',
      metadata,
      payment_intent_data: { metadata },
      customer: 'cus_of_another',
      line_items: [],
    }
    const response = await create(
      `{ "__proto__": { "admin": true }, ${JSON.stringify({ ...unknownFields, ...createInput }).slice(1)}`,
    )
    const { purchaseId, clientSecret, stripeCustomerId } = Created.parse(response.body)
    const { stripe } = stack()
    const [sessionId = ''] = clientSecret.split('_secret_')
    const metadataAtStripe = {
      ...{ payToViewPurchaseId: purchaseId, payToViewProductId: seedIds.thirtyDayProduct, userId: user },
      ...{ entityId: seedIds.film, entityType: '1' },
    }
    expect(await stripe.checkout.sessions.retrieve(sessionId)).toMatchObject({ customer: stripeCustomerId, amount_total: 499 })
    await stack().pay(sessionId)
    await stack().waitForStatus(await stack().client(user), purchaseId, 'Completed')
    const session = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
    expect(session.metadata).toEqual(metadataAtStripe)
    expect(session.payment_intent).toMatchObject({ metadata: metadataAtStripe })
    const { items } = z
      .object({ items: z.array(z.object({ entityId: z.string() })) })
      .parse((await get(purchases, { token })).body)
    expect(items).toEqual([expect.objectContaining({ entityId: seedIds.film })])
  })

  test('of a refund is optional, whatever its content type', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const response = await post(refunds, { token: admin, body: '', headers: { 'content-type': type } })
      expect(response).toMatchObject({ status: 404, body: { code: 'purchase_not_found' } })
    }
    expect(await post(refunds, { token: admin })).toMatchObject({ status: 404 })
  })

  test.each(['', 'two words', 'cancel-concert', 'duplicate-1', 'withdrawal-1', 'x'.repeat(201)])(
    'with the invalid idempotency key %j names the header',
    async (key) => {
      const response = await post(refunds, { token: admin, headers: { 'idempotency-key': key } })
      expect(response).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } })
    },
  )
})

describe('a query', () => {
  test.each([
    ['page=abc', 'page', 'Expected a whole number of at least 1'],
    ['page=', 'page', 'Expected a whole number of at least 1'],
    ['page=0', 'page', 'Expected a whole number of at least 1'],
    ['page=-1', 'page', 'Expected a whole number of at least 1'],
    ['page=1.5', 'page', 'Expected a whole number of at least 1'],
    ['page=1e1', 'page', 'Expected a whole number of at least 1'],
    ['pageSize=0', 'pageSize', 'Expected a whole number from 1 to 100'],
    ['pageSize=1000', 'pageSize', 'Expected a whole number from 1 to 100'],
    ['page=1&page=2', 'page', 'Expected a single value'],
  ])('%s is rejected and names the field', async (query, field, message) => {
    expect(await get(`${purchases}?${query}`, { token })).toMatchObject({ status: 400, body: { errors: [{ field, message }] } })
  })

  test.each(['', '?', '?page=1&other=2', '?%zz=%zz', '?constructor=1&__proto__=2'])('%j is accepted', async (query) => {
    expect(await get(purchases + query, { token })).toMatchObject({ status: 200, body: { page: 1, pageSize: 10 } })
  })

  test('for access requires 1 to 100 entities', async () => {
    const access = '/client/v1/pay-to-view/access'
    expect(await get(access, { token })).toMatchObject({
      body: { errors: [{ field: 'entityId', message: 'Expected at least one entityId' }] },
    })
    for (const [query, field] of [
      ['entityId=', 'entityId'],
      ['entityId=a%20b', 'entityId'],
      ['entityId=film&entityId=a%20b', 'entityId.1'],
    ])
      expect(await get(`${access}?${query}`, { token })).toMatchObject({ status: 400, body: { errors: [{ field }] } })
    const many = Array.from({ length: 101 }, () => `entityId=${seedIds.film}`)
    expect(await get(`${access}?${many.join('&')}`, { token })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'entityId' }] },
    })
    expect(await get(`${access}?${many.slice(1).join('&')}`, { token })).toMatchObject({ status: 200 })
  })
})

describe('a token', () => {
  test('that is missing or invalid gets 401 with WWW-Authenticate, over REST and tRPC', async () => {
    for (const path of [purchases, '/trpc/purchases.list?input={}']) {
      const missing = await get(path)
      expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      for (const authorization of ['', 'Bearer', 'Bearer a.b.c', `Basic ${token}`, token]) {
        const invalid = await get(path, { headers: { authorization } })
        expect([invalid.status, invalid.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
      }
    }
  })

  test('can have its scheme in any case', async () => {
    expect((await get(purchases, { headers: { authorization: `bearer ${token}` } })).status).toBe(200)
  })

  test('of a user is rejected by admin paths before the input is validated, over REST and tRPC', async () => {
    expect(await post(refunds, { token })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await post('/trpc/admin.purchases.refund', { token, body: { id: 'x' } })).toMatchObject({
      status: 403,
      body: { error: { data: { code: 'FORBIDDEN', problem: { code: 'forbidden' } } } },
    })
  })
})
describe('the server', () => {
  test('serves /docs from its own files only', async () => {
    const redirect = await get('/docs')
    const page =
      redirect.status === 302
        ? await get(new URL(redirect.headers.get('location') ?? '', `${stack().stack.api}/docs`).pathname)
        : redirect
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

  test('serves /healthz, /readyz and /metrics', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { database: 'ok', temporal: 'ok' } })
    expect((await get('/metrics')).body).toContain('pay_to_view_webhooks_total')
  })
})

test('every response has a request id, and a problem repeats it', async () => {
  const response = await get('/nothing')
  expect(response.body).toMatchObject({ instance: response.headers.get('x-request-id') })
})
