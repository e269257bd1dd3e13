import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { Validator } from '@seriousme/openapi-schema-validator'
import Stripe from 'stripe'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { adminOperations, disputeOperations } from './admin-operations.ts'
import { createContractChecker, Document } from './contract.ts'
import { grantOperations } from './grant-operations.ts'
import { createHttpClient, type RequestOptions } from './http-client.ts'
import { fetchToken } from './token.ts'
import { webhookOperations } from './webhook-operations.ts'

const stack = useSharedStack()
const { send, get } = createHttpClient(() => stack().stack.api)
let contract: ReturnType<typeof createContractChecker>
let admin: string

beforeAll(async () => {
  contract = createContractChecker((await get('/openapi.json')).body)
  admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
})

const newToken = () => fetchToken(stack().stack.issuer, { user: stack().newUser() })

const purchases = '/client/v1/pay-to-view/purchases'
const unknownSession = 'play_01m85eetz2e8qthwsqr5v0dh8g'
const unknownPurchase = 'ptv_01m85eetz2e8qthwsqr5v0dh8g'

/** Calls an operation in the OpenAPI document and checks the response against the document. */
const call = async (operation: string, { id, query = '', ...options }: RequestOptions & { id?: string; query?: string } = {}) => {
  const [method = '', path = ''] = operation.split(' ')
  const response = await send(method, path.replace(/\{\w+\}/, encodeURIComponent(id ?? '')) + query, options)
  contract.expectValid(operation, response)
  return { ...response, code: z.object({ code: z.string() }).safeParse(response.body).data?.code }
}

const create = `POST ${purchases}`
const list = `GET ${purchases}`
const getPurchase = `GET ${purchases}/{id}`
const withdraw = `POST ${purchases}/{id}/withdraw`
const access = 'GET /client/v1/pay-to-view/access'
const playback = 'POST /client/v1/pay-to-view/access/playback-token'
const startPlayback = 'POST /client/v1/pay-to-view/access/playback'
const heartbeat = 'POST /client/v1/pay-to-view/access/playback/{sessionId}/heartbeat'
const endPlayback = 'DELETE /client/v1/pay-to-view/access/playback/{sessionId}'
const products = 'GET /client/v1/pay-to-view/products'
const refund = 'POST /admin/v1/pay-to-view/purchases/{id}/refund'
const csvExport = 'GET /admin/v1/pay-to-view/purchases.csv'
const transactionsExport = 'GET /admin/v1/pay-to-view/reports/transactions.csv'
const webhook = 'POST /client/v1/webhooks/stripe'

/** The operations that this file tests. The other admin paths have their own test files. */
const operations = [
  ...[create, list, getPurchase, withdraw, access, playback, startPlayback, heartbeat, endPlayback],
  ...[products, refund, csvExport, transactionsExport, webhook],
]

/** Entities and the admin products have their own tests. */
const isCatalog = (operation: string): boolean => /\/entities(\/|$)|\/admin\/v1\/pay-to-view\/products(\/|$)/.test(operation)

const createBody = {
  payToViewProductId: seedIds.thirtyDayProduct,
  entityId: seedIds.film,
  returnUrl: 'https://yoursite.com/purchase/complete',
}

test('the document is valid OpenAPI 3.1 and has every path', async () => {
  const { body } = await get('/openapi.json')
  expect(await new Validator().validate(Document.parse(body))).toMatchObject({ valid: true })
  expect(body).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) })
  const others = contract.paths.filter((operation) => !isCatalog(operation))
  expect(others.sort()).toEqual(
    [...operations, ...adminOperations, ...disputeOperations, ...webhookOperations, ...grantOperations].sort(),
  )
})

test('the parameters are documented: the repeatable entityId, the idempotency key, the signature', async () => {
  const { paths } = Document.parse((await get('/openapi.json')).body)
  const parameters = (path: string, method: string) => paths[path]?.[method]?.parameters
  expect(parameters('/client/v1/pay-to-view/access', 'get')).toMatchObject([
    { in: 'query', name: 'entityId', required: true, style: 'form', explode: true, schema: { type: 'array' } },
  ])
  expect(parameters('/admin/v1/pay-to-view/purchases/{id}/refund', 'post')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ in: 'path', name: 'id', required: true }),
      expect.objectContaining({ in: 'header', name: 'Idempotency-Key' }),
    ]),
  )
  expect(paths['/admin/v1/pay-to-view/purchases/{id}/refund']?.post).toMatchObject({ requestBody: { required: false } })
  expect(parameters('/client/v1/webhooks/stripe', 'post')).toMatchObject([
    { in: 'header', name: 'Stripe-Signature', required: true },
  ])
})

test('successful responses of every operation match the document', async () => {
  const user = stack().newUser()
  const token = await fetchToken(stack().stack.issuer, { user })
  const created = await call(create, { token, body: createBody })
  expect(created).toMatchObject({ status: 200, body: { success: true, hasAccess: false } })
  const { purchaseId, clientSecret } = z.object({ purchaseId: z.string(), clientSecret: z.string() }).parse(created.body)
  expect(await call(refund, { token: admin, id: purchaseId })).toMatchObject({ status: 409, code: 'not_paid' })
  await stack().pay(clientSecret.split('_secret_')[0] ?? '')
  await stack().waitForStatus(await stack().client(user), purchaseId, 'Completed')
  expect(await call(create, { token, body: createBody })).toMatchObject({ body: { success: false, hasAccess: true } })
  expect(await call(list, { token, query: '?page=1&pageSize=10' })).toMatchObject({
    body: { totalCount: 1, page: 1, pageSize: 10 },
  })
  expect(await call(getPurchase, { token, id: purchaseId })).toMatchObject({
    body: { purchaseId, status: 'Completed', description: 'Nosferatu – Film, 30 days' },
  })
  expect(await call(withdraw, { token, id: purchaseId, body: {} })).toMatchObject({ body: { reason: 'not_offered' } })
  expect(await call(access, { token, query: `?entityId=${seedIds.film}&entityId=${seedIds.channel}` })).toMatchObject({
    body: {
      items: [
        { entityId: seedIds.film, hasAccess: true },
        { entityId: seedIds.channel, hasAccess: false },
      ],
    },
  })
  expect(await call(playback, { token, body: { entityId: seedIds.film } })).toMatchObject({ status: 200 })
  const session = await call(startPlayback, { token, body: { entityId: seedIds.film, deviceId: 'tv' } })
  expect(session).toMatchObject({ status: 200, body: { provider: 'own', url: null } })
  const { sessionId: id } = z.object({ sessionId: z.string() }).parse(session.body)
  expect(await call(heartbeat, { token, id, body: { positionSeconds: 12.5 } })).toMatchObject({ status: 200 })
  for (const deviceId of ['phone', 'tablet']) await call(startPlayback, { token, body: { entityId: seedIds.film, deviceId } })
  expect(await call(startPlayback, { token, body: { entityId: seedIds.film } })).toMatchObject({
    ...{ status: 409, code: 'too_many_streams' },
    body: { sessions: [{ entityId: seedIds.film }, {}, { id }] },
  })
  expect(await call(endPlayback, { token, id })).toMatchObject({ status: 204 })
  expect(await call(products)).toMatchObject({ status: 200 })
  expect(await call(products, { query: `?entityId=${seedIds.film}` })).toMatchObject({ status: 200 })
  expect(await call(csvExport, { token: admin, query: '?status=Completed' })).toMatchObject({
    status: 200,
    body: expect.stringContaining(purchaseId),
  })
  expect(await call(csvExport, { token: admin, query: '?status=Paid' })).toMatchObject({ status: 400, code: 'validation' })
  expect(await call(csvExport, { token: admin, query: '?user=alice' })).toMatchObject({ status: 400, code: 'validation' })
  expect(await call(csvExport, { token })).toMatchObject({ status: 403, code: 'forbidden' })
  const period = '?from=2026-01-01&to=2026-02-01&timezone=Europe/Berlin'
  expect(await call(transactionsExport, { token: admin, query: period })).toMatchObject({
    status: 200,
    body: expect.stringMatching(/^"date","time","type"/),
  })
  for (const query of [
    '',
    '?from=2026-01-01',
    `${period}&separator=bar`,
    `${period}&byteOrderMark=1`,
    `${period}&payoutId=po_1`,
    `${period}&user=a`,
  ])
    expect(await call(transactionsExport, { token: admin, query })).toMatchObject({ status: 400, code: 'validation' })
  expect(await call(transactionsExport, { token, query: period })).toMatchObject({ status: 403, code: 'forbidden' })
  const key = { 'idempotency-key': 'one' }
  const first = await call(refund, { token: admin, id: purchaseId, body: { amount: 100, reason: 'requested' }, headers: key })
  expect(first).toMatchObject({ status: 200, body: { amountRefunded: 100 } })
  expect((await call(refund, { token: admin, id: purchaseId, body: { amount: 100 }, headers: key })).body).toEqual(first.body)
  expect(await call(refund, { token: admin, id: purchaseId, body: { amount: 1 }, headers: key })).toMatchObject({
    status: 409,
    code: 'idempotency_conflict',
  })
  expect(await call(refund, { token: admin, id: purchaseId, body: { amount: 9_999 } })).toMatchObject({
    status: 400,
    code: 'amount_too_large',
  })
  expect(await call(refund, { token: admin, id: purchaseId })).toMatchObject({ status: 200, body: { status: 'Refunded' } })
  expect(await call(refund, { token: admin, id: purchaseId })).toMatchObject({ status: 409, code: 'already_refunded' })
})

test('error responses match the document', async () => {
  const token = await newToken()
  const cases: [string, Parameters<typeof call>[1], number, string][] = [
    ...[create, list, getPurchase, access].map((operation): [string, object, number, string] => [
      operation,
      {
        id: unknownPurchase,
        query: operation === access ? `?entityId=${seedIds.film}` : '',
        body: operation === create ? createBody : undefined,
      },
      401,
      'unauthorized',
    ]),
    ...[create, list, getPurchase, access, products, refund].map((operation): [string, object, number, string] => [
      operation,
      { id: unknownPurchase, token: 'a.b.c' },
      401,
      'unauthorized',
    ]),
    [create, { token, body: {} }, 400, 'validation'],
    [create, { token, body: { ...createBody, returnUrl: 'https://evil.example' } }, 400, 'return_url_not_allowed'],
    [create, { token, body: { ...createBody, entityId: seedIds.channel } }, 400, 'product_not_offered'],
    [create, { token, body: { ...createBody, payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz49' } }, 404, 'product_not_found'],
    [create, { token, body: { ...createBody, entityId: 'vid_01m85eetz2e8qthwsqr5v0dh80' } }, 404, 'entity_not_found'],
    [create, { token, body: 'x'.repeat(300_000) }, 413, 'payload_too_large'],
    [
      create,
      { token, body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    [list, { token, query: '?page=0' }, 400, 'validation'],
    [getPurchase, { token, id: ' x' }, 400, 'validation'],
    [getPurchase, { token, id: unknownPurchase }, 404, 'purchase_not_found'],
    [withdraw, { token, id: unknownPurchase, body: { confirm: 'yes' } }, 400, 'validation'],
    [withdraw, { token, id: unknownPurchase, body: {} }, 404, 'purchase_not_found'],
    [access, { token }, 400, 'validation'],
    [playback, { token, body: {} }, 400, 'validation'],
    [playback, { token, body: { entityId: seedIds.film } }, 403, 'no_access'],
    [startPlayback, { token, body: { entityId: seedIds.film, device: 'tv' } }, 400, 'validation'],
    [startPlayback, { token, body: { entityId: seedIds.film } }, 403, 'no_access'],
    [heartbeat, { token, id: 'x!' }, 400, 'validation'],
    [heartbeat, { token, id: 'nope' }, 404, 'playback_session_not_found'],
    [heartbeat, { token, id: unknownSession }, 404, 'playback_session_not_found'],
    [endPlayback, { token, id: 'x!' }, 400, 'validation'],
    [endPlayback, { token, id: unknownSession }, 404, 'playback_session_not_found'],
    [products, { query: '?entityId=' }, 400, 'validation'],
    [refund, { id: unknownPurchase }, 401, 'unauthorized'],
    [refund, { id: unknownPurchase, token }, 403, 'forbidden'],
    [refund, { id: unknownPurchase, token: admin }, 404, 'purchase_not_found'],
    [refund, { id: unknownPurchase, token: admin, body: { amount: 0 } }, 400, 'validation'],
    [refund, { id: unknownPurchase, token: admin, body: { amout: 100 } }, 400, 'validation'],
    [refund, { id: unknownPurchase, token: admin, body: { toString: 'x' } }, 400, 'validation'],
    [refund, { id: unknownPurchase, token: admin, body: { amount: 100, requestId: 'key' } }, 400, 'validation'],
    [refund, { id: unknownPurchase, token: admin, body: 'x'.repeat(300_000) }, 413, 'payload_too_large'],
    [
      refund,
      { id: unknownPurchase, token: admin, body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [webhook, { body: { type: 'charge.refunded' } }, 400, 'validation'],
    [webhook, { body: { type: 'charge.refunded' }, headers: { 'stripe-signature': 't=1,v1=00' } }, 400, 'validation'],
    [webhook, { body: 'x'.repeat(1_100_000) }, 413, 'payload_too_large'],
  ]
  for (const [operation, options, status, code] of cases) expect(await call(operation, options)).toMatchObject({ status, code })
})

test('a Stripe event is accepted, even if it is repeated; an unreadable event is rejected', async () => {
  const { webhooks } = new Stripe('sk_test_unused')
  const sign = (event: object) => {
    const body = JSON.stringify(event)
    const signature = webhooks.generateTestHeaderString({ payload: body, secret: stack().stack.webhookSecret })
    return { body, headers: { 'stripe-signature': signature, 'content-type': 'application/json; charset=utf-8' } }
  }
  const created = Math.floor(Date.now() / 1000)
  const event = { id: 'evt_1', object: 'event', type: 'customer.created', created, livemode: false, data: { object: {} } }
  for (const _ of [1, 2]) expect(await call(webhook, sign(event))).toMatchObject({ status: 200, body: { received: true } })
  // An event without the documented shape is rejected, so Stripe sends it again.
  const malformed = { ...event, id: 'evt_2', type: 'charge.refunded', data: { object: null } }
  expect(await call(webhook, sign(malformed))).toMatchObject({ status: 400, code: 'validation' })
})

test('every operation was tested with a success and an error', () => {
  for (const operation of operations) {
    const statuses = [...(contract.seenStatuses.get(operation) ?? [])]
    expect(statuses, operation).toContain(operation === endPlayback ? 204 : 200)
    expect(statuses, operation).toContain(400)
  }
})
