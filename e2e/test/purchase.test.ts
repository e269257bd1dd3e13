import { createPayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { z } from 'zod'

const stack = useSharedStack()

const input = {
  payToViewProductId: seedIds.thirtyDayProduct,
  entityId: seedIds.film,
  returnUrl: 'https://yoursite.com/purchase/complete',
}
const purchases = '/client/v1/pay-to-view/purchases'

/** The fields that the tests use. */
const Item = z.looseObject({
  purchaseId: z
    .string()
    .nullish()
    .transform((id) => id ?? ''),
  status: z.string().default(''),
  hasAccess: z.boolean(),
  externalTransactionId: z.string().nullish(),
  completedAt: z.string().nullish(),
  expiresAt: z.string().nullish(),
})
const Fields = z.looseObject({
  clientSecret: z.string().default(''),
  items: z.array(Item).default([]),
  totalCount: z.number().optional(),
  paths: z.record(z.string(), z.unknown()).default({}),
})

const newUserToken = () => stack().token(stack().newUser())
const adminToken = () => stack().token('root', { admin: true })

const request = async (method: string, path: string, token?: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(new URL(path, stack().stack.api), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const json: unknown = await response.json()
  return { status: response.status, type: response.headers.get('content-type'), body: json, fields: Fields.parse(json) }
}

const payWith = (clientSecret: string) => stack().pay(clientSecret.split('_secret_')[0] ?? '')

const waitForStatus = (token: string, status: string) =>
  waitFor(
    `the purchase to be ${status}`,
    async () => {
      const [latest] = (await request('GET', `${purchases}?page=1&pageSize=10`, token)).fields.items
      return latest?.status === status ? latest : null
    },
    { timeoutMs: 30_000 },
  )

const buy = async (token: string) => {
  const created = await request('POST', purchases, token, input)
  expect(await payWith(created.fields.clientSecret)).toBe(200)
  return waitForStatus(token, 'Completed')
}

test('a user buys as described in the integration guide, gets access, and loses access with the refund', async () => {
  const token = await newUserToken()
  const created = await request('POST', purchases, token, input)
  expect(created).toMatchObject({ status: 200, body: { success: true, hasAccess: false } })
  expect((await request('POST', purchases, token, input)).body).toEqual(created.body)
  await payWith(created.fields.clientSecret)
  const item = await waitForStatus(token, 'Completed')
  expect(item).toMatchObject({ ...{ entityId: input.entityId, entityType: 1, amount: 499, currency: 'usd' }, hasAccess: true })
  expect(Date.parse(item.expiresAt ?? '') - Date.parse(item.completedAt ?? '')).toBe(30 * 86_400_000)
  expect((await request('POST', purchases, token, input)).body).toEqual({ success: false, hasAccess: true })

  const refundPath = `/admin/v1/pay-to-view/purchases/${item.purchaseId}/refund`
  expect((await request('POST', refundPath, token)).status).toBe(403)
  const refunded = await request('POST', refundPath, await adminToken(), undefined, { 'content-type': 'application/json' })
  expect(refunded).toMatchObject({
    status: 200,
    body: { success: true, purchaseId: item.purchaseId, status: 'Refunded', amount: 499, amountRefunded: 499, currency: 'usd' },
  })
  const second = await request('POST', refundPath, await adminToken())
  expect(second).toMatchObject({ status: 409, body: { code: 'already_refunded' } })
  expect(second.type).toContain('application/problem+json')
  const access = await request('GET', `/client/v1/pay-to-view/access?entityId=${input.entityId}`, token)
  expect(access.fields.items).toMatchObject([{ entityId: input.entityId, hasAccess: false }])
})

test('twenty parallel creates return one checkout', async () => {
  const token = await newUserToken()
  const responses = await Promise.all(Array.from({ length: 20 }, () => request('POST', purchases, token, input)))
  expect(new Set(responses.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1)
  expect((await request('GET', purchases, token)).fields.totalCount).toBe(1)
})

test('a create for another product closes the open checkout in Stripe before it returns a new checkout', async () => {
  const token = await newUserToken()
  const first = await request('POST', purchases, token, input)
  const second = await request('POST', purchases, token, { ...input, payToViewProductId: seedIds.permanentProduct })
  expect(second.body).toMatchObject({ success: true })
  expect(await payWith(first.fields.clientSecret)).not.toBe(200)
  const { fields } = await request('GET', purchases, token)
  expect(fields.items.map((item) => item.status)).toEqual(['Pending', 'Expired'])
})

test('partial refunds add up, a repeated idempotency key refunds once, and an amount that is too large gets 400', async () => {
  const token = await newUserToken()
  const { purchaseId } = await buy(token)
  const path = `/admin/v1/pay-to-view/purchases/${purchaseId}/refund`
  const partial = await request('POST', path, await adminToken(), { amount: 100 }, { 'idempotency-key': 'first' })
  expect(partial.body).toMatchObject({ status: 'Completed', amount: 100, amountRefunded: 100 })
  expect((await request('POST', path, await adminToken(), { amount: 100 }, { 'idempotency-key': 'first' })).body).toEqual(
    partial.body,
  )
  expect(await request('POST', path, await adminToken(), { amount: 400 })).toMatchObject({
    status: 400,
    body: {
      code: 'amount_too_large',
      errors: [
        { field: 'amount', message: 'Expected at most 399, in minor units of usd. Omit `amount` to refund the remaining amount' },
      ],
    },
  })
  expect((await request('POST', path, await adminToken(), {})).body).toMatchObject({
    status: 'Refunded',
    amount: 399,
    amountRefunded: 499,
  })
})

test("a refund in Stripe's dashboard ends the access", async () => {
  const token = await newUserToken()
  const { externalTransactionId } = await buy(token)
  await stack().stripe.refunds.create({ payment_intent: externalTransactionId ?? '' })
  expect(await waitForStatus(token, 'Refunded')).toMatchObject({ hasAccess: false, amountRefunded: 499 })
})

test('the typed client returns the same as REST; another user gets 404', async () => {
  const token = await newUserToken()
  const { purchaseId } = await buy(token)
  const client = createPayToViewClient({ url: stack().stack.api, token: async () => token })
  expect(await client.purchases.get.query({ id: purchaseId })).toMatchObject({ purchaseId, status: 'Completed', hasAccess: true })
  expect(await client.access.check.query({ entityId: input.entityId })).toMatchObject({ hasAccess: true, purchaseId })
  expect(await request('GET', `${purchases}/${purchaseId}`, await newUserToken())).toMatchObject({
    status: 404,
    body: { code: 'purchase_not_found' },
  })
})

test('an admin finds a purchase and its status changes, and a user is rejected', async () => {
  const token = await newUserToken()
  const { purchaseId } = await buy(token)
  const client = createPayToViewClient({ url: stack().stack.api, token: adminToken })
  const found = await client.admin.purchases.search.query({ status: 'Completed', limit: 100 })
  expect(found.items.map((item) => item.purchaseId)).toContain(purchaseId)
  const purchase = await client.admin.purchases.get.query({ id: purchaseId })
  expect(purchase.timeline).toMatchObject([{ fromStatus: 'Pending', toStatus: 'Completed', cause: { kind: 'event' } }])
  const user = createPayToViewClient({ url: stack().stack.api, token })
  await expect(user.admin.purchases.search.query({})).rejects.toMatchObject({ data: { httpStatus: 403 } })
})

test('a webhook with an invalid signature is rejected', async () => {
  const response = await request(
    'POST',
    '/client/v1/webhooks/stripe',
    undefined,
    { type: 'checkout.session.completed' },
    { 'stripe-signature': 't=1,v1=00' },
  )
  expect(response).toMatchObject({ status: 400, body: { errors: [{ field: 'Stripe-Signature' }] } })
})

test('the OpenAPI document contains the paths in the guide', async () => {
  const { fields } = await request('GET', '/openapi.json')
  expect(Object.keys(fields.paths)).toEqual(
    expect.arrayContaining([
      purchases,
      `${purchases}/{id}`,
      '/admin/v1/pay-to-view/purchases/{id}/refund',
      '/client/v1/pay-to-view/access',
    ]),
  )
})
