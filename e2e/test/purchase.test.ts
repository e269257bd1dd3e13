import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { type DataFolder, issueToken, openDataFolder, type Stack, startStack } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

let home: DataFolder
let stack: Stack
const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-'))

beforeAll(async () => {
  home = openDataFolder(folder)
  stack = await startStack(home, { ephemeral: true, web: false })
}, 180_000)

afterAll(async () => {
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const wanted = {
  payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
  entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  returnUrl: 'https://yoursite.com/purchase/complete',
}
const purchases = '/client/v1/pay-to-view/purchases'

/** What the tests go on with; `body` is the answer itself. */
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
const Read = z.looseObject({
  clientSecret: z.string().default(''),
  items: z.array(Item).default([]),
  totalCount: z.number().optional(),
  paths: z.record(z.string(), z.unknown()).default({}),
})

let users = 0
const newUser = () => issueToken(home, `user-${++users}`)
const admin = () => issueToken(home, 'root', { admin: true })

const request = async (method: string, to: string, token?: string, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await fetch(new URL(to, stack.api), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const told: unknown = await answer.json()
  return { status: answer.status, type: answer.headers.get('content-type'), body: told, read: Read.parse(told) }
}

const pay = async (clientSecret: string, card = '4242424242424242') => {
  const session = clientSecret.split('_secret_')[0]
  return fetch(`${stack.stripeApi}/_test/checkout/sessions/${session}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ card }),
  })
}

const whenStatus = (token: string, status: string) =>
  waitFor(
    `a purchase to be ${status}`,
    async () => {
      const [latest] = (await request('GET', `${purchases}?page=1&pageSize=10`, token)).read.items
      return latest?.status === status ? latest : null
    },
    { timeoutMs: 30_000 },
  )

const buy = async (token: string) => {
  const created = await request('POST', purchases, token, wanted)
  expect((await pay(created.read.clientSecret)).status).toBe(200)
  return whenStatus(token, 'Completed')
}

test('a viewer buys by the guide, has access, and loses it with the refund', async () => {
  const token = await newUser()
  const created = await request('POST', purchases, token, wanted)
  expect(created).toMatchObject({ status: 200, body: { success: true, hasAccess: false } })
  expect((await request('POST', purchases, token, wanted)).body).toEqual(created.body)
  await pay(created.read.clientSecret)
  const item = await whenStatus(token, 'Completed')
  expect(item).toMatchObject({ ...{ entityId: wanted.entityId, entityType: 1, amount: 499, currency: 'usd' }, hasAccess: true })
  expect(Date.parse(item.expiresAt ?? '') - Date.parse(item.completedAt ?? '')).toBe(30 * 86_400_000)
  expect((await request('POST', purchases, token, wanted)).body).toEqual({ success: false, hasAccess: true })

  const refundPath = `/admin/v1/pay-to-view/purchases/${item.purchaseId}/refund`
  expect((await request('POST', refundPath, token)).status).toBe(403)
  const refunded = await request('POST', refundPath, await admin(), undefined, { 'content-type': 'application/json' })
  expect(refunded).toMatchObject({
    status: 200,
    body: { success: true, purchaseId: item.purchaseId, status: 'Refunded', amount: 499, amountRefunded: 499, currency: 'usd' },
  })
  const again = await request('POST', refundPath, await admin())
  expect(again).toMatchObject({ status: 409, body: { code: 'already_refunded' } })
  expect(again.type).toContain('application/problem+json')
  const access = await request('GET', `/client/v1/pay-to-view/access?entityId=${wanted.entityId}`, token)
  expect(access.read.items).toMatchObject([{ entityId: wanted.entityId, hasAccess: false }])
})

test('twenty creates at once give out one checkout', async () => {
  const token = await newUser()
  const answers = await Promise.all(Array.from({ length: 20 }, () => request('POST', purchases, token, wanted)))
  expect(new Set(answers.map((answer) => JSON.stringify([answer.status, answer.body]))).size).toBe(1)
  expect((await request('GET', purchases, token)).read.totalCount).toBe(1)
})

test("another product's create closes the open checkout at Stripe before it gives out its own", async () => {
  const token = await newUser()
  const first = await request('POST', purchases, token, wanted)
  const second = await request('POST', purchases, token, { ...wanted, payToViewProductId: 'prod_01m85eetz6e8qthwvz7dvqdg82' })
  expect(second.body).toMatchObject({ success: true })
  expect((await pay(first.read.clientSecret)).ok).toBe(false)
  const { read } = await request('GET', purchases, token)
  expect(read.items.map((item) => item.status)).toEqual(['Pending', 'Expired'])
})

test('partial refunds add up; the same idempotency key refunds once; too much is a 400', async () => {
  const token = await newUser()
  const { purchaseId } = await buy(token)
  const to = `/admin/v1/pay-to-view/purchases/${purchaseId}/refund`
  const one = await request('POST', to, await admin(), { amount: 100 }, { 'idempotency-key': 'first' })
  expect(one.body).toMatchObject({ status: 'Completed', amount: 100, amountRefunded: 100 })
  expect((await request('POST', to, await admin(), { amount: 100 }, { 'idempotency-key': 'first' })).body).toEqual(one.body)
  expect(await request('POST', to, await admin(), { amount: 400 })).toMatchObject({
    status: 400,
    body: { code: 'amount_too_large' },
  })
  expect((await request('POST', to, await admin(), {})).body).toMatchObject({
    status: 'Refunded',
    amount: 399,
    amountRefunded: 499,
  })
})

test("a refund made in Stripe's dashboard takes access away", async () => {
  const token = await newUser()
  const { externalTransactionId } = await buy(token)
  const base = new URL(stack.stripeApi)
  const stripe = new Stripe('sk_test_dashboard', { host: base.hostname, port: base.port, protocol: 'http' })
  await stripe.refunds.create({ payment_intent: externalTransactionId ?? '' })
  expect(await whenStatus(token, 'Refunded')).toMatchObject({ hasAccess: false, amountRefunded: 499 })
})

test('the typed client sees what REST shows, and another user sees nothing', async () => {
  const token = await newUser()
  const { purchaseId } = await buy(token)
  const client = createPayToViewClient({ url: stack.api, token: async () => token })
  expect(await client.purchases.get.query({ id: purchaseId })).toMatchObject({ purchaseId, status: 'Completed', hasAccess: true })
  expect(await client.access.check.query({ entityId: wanted.entityId })).toMatchObject({ hasAccess: true, purchaseId })
  expect(await request('GET', `${purchases}/${purchaseId}`, await newUser())).toMatchObject({
    status: 404,
    body: { code: 'purchase_not_found' },
  })
})

test('an admin finds a purchase and reads why it changed; a viewer may not', async () => {
  const token = await newUser()
  const { purchaseId } = await buy(token)
  const client = createPayToViewClient({ url: stack.api, token: admin })
  const found = await client.admin.purchases.search.query({ status: 'Completed', limit: 100 })
  expect(found.items.map((item) => item.purchaseId)).toContain(purchaseId)
  const purchase = await client.admin.purchases.get.query({ id: purchaseId })
  expect(purchase.timeline).toMatchObject([{ fromStatus: 'Pending', toStatus: 'Completed', cause: { kind: 'event' } }])
  const viewer = createPayToViewClient({ url: stack.api, token })
  await expect(viewer.admin.purchases.search.query({})).rejects.toMatchObject({ data: { httpStatus: 403 } })
})

test('a webhook that nobody signed changes nothing', async () => {
  const answer = await request(
    'POST',
    '/client/v1/webhooks/stripe',
    undefined,
    { type: 'checkout.session.completed' },
    { 'stripe-signature': 't=1,v1=00' },
  )
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Stripe-Signature' }] } })
})

test('the OpenAPI document has the paths of the guide', async () => {
  const { read } = await request('GET', '/openapi.json')
  expect(Object.keys(read.paths)).toEqual(
    expect.arrayContaining([
      purchases,
      `${purchases}/{id}`,
      '/admin/v1/pay-to-view/purchases/{id}/refund',
      '/client/v1/pay-to-view/access',
    ]),
  )
})
