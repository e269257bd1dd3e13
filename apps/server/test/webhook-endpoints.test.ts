import { waitFor } from '@pay-to-view/devstack/wait'
import { startWebhookReceiver } from '@pay-to-view/testing/webhook-receiver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Page, useAdminClient } from './admin-client.ts'
import { fetchToken } from './token.ts'
import { webhookOperations } from './webhook-operations.ts'

const { stack, send, call, seenStatuses, createKey, buy } = useAdminClient()
const base = '/admin/v1/pay-to-view/webhook-endpoints' as const
const unknownEndpoint = 'whe_01m85eetz2e8qthwsqr5v0dh8g'
const unknownMessage = 'msg_01m85eetz2e8qthwsqr5v0dh8g'

const Endpoint = z.looseObject({ id: z.string(), secret: z.string().optional() })
type Receiver = Awaited<ReturnType<typeof startWebhookReceiver>>
let receiver: Receiver
beforeAll(async () => {
  receiver = await startWebhookReceiver()
})
afterAll(() => receiver.close())

/** Creates a webhook endpoint that delivers to the receiver. The receiver verifies messages with the endpoint's secret. */
const createEndpoint = async (fields: object = {}) => {
  const { status, body } = await call(`POST ${base}`, { body: { url: receiver.url, events: ['*'], ...fields } })
  expect(status).toBe(201)
  const { id, secret = '' } = Endpoint.parse(body)
  receiver.state.secrets.push(secret)
  return { id, secret }
}
const remove = (id: string) => call(`DELETE ${base}/{id}`, { id })

interface Delivery {
  messageId: string
  type: string
  status: string
  attempts: { status: number | null; durationMs: number; response: string | null; error: string | null }[]
}
const deliveriesOf = async (id: string, query = ''): Promise<Delivery[]> =>
  z.array(z.custom<Delivery>()).parse(Page.parse((await call(`GET ${base}/{id}/deliveries`, { id, query })).body).items)

describe('an endpoint', () => {
  test('is created with a secret that is returned only once, and is listed, changed and deleted', async () => {
    const body = { url: receiver.url, events: ['purchase.completed', 'purchase.completed'], description: 'CRM' }
    const headers = { 'idempotency-key': 'create-crm' }
    const created = await call(`POST ${base}`, { body, headers })
    expect(created).toMatchObject({
      status: 201,
      body: { url: receiver.url, events: ['purchase.completed'], description: 'CRM', enabled: true, disabledReason: null },
    })
    const { secret, ...withoutSecret } = Endpoint.parse(created.body)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const { id } = withoutSecret
    expect((await call(`POST ${base}`, { body, headers })).body).toEqual(withoutSecret)
    await call(`PATCH ${base}/{id}`, { id, body: { description: 'ERP' } })
    expect(await call(`POST ${base}`, { body, headers })).toMatchObject({ status: 201, body: { id, description: 'ERP' } })
    await call(`PATCH ${base}/{id}`, { id, body: { description: 'CRM', url: ` ${receiver.url} ` } })
    for (const other of [{ events: ['*'] }, { description: 'ERP' }, { maxPerSecond: 5 }, { maxConcurrent: 5 }])
      expect(await call(`POST ${base}`, { body: { ...body, ...other }, headers })).toMatchObject({ status: 409 })
    expect((await call(`GET ${base}/{id}`, { id })).body).toEqual(withoutSecret)
    const { key } = await createKey(['webhooks:write'])
    expect(Page.parse((await call(`GET ${base}`, { token: key, query: '?limit=1' })).body).items).toEqual([withoutSecret])
    const changed = { ...withoutSecret, enabled: false, maxPerSecond: 5 }
    expect((await call(`PATCH ${base}/{id}`, { id, body: { enabled: false, maxPerSecond: 5 } })).body).toEqual(changed)
    for (const operation of [`POST ${base}/{id}/test`, `POST ${base}/{id}/deliveries/resend`] as const) {
      const options = { id, body: operation.endsWith('resend') ? { since: '2026-01-01T00:00:00Z' } : {} }
      expect(await call(operation, options)).toMatchObject({ status: 409, body: { code: 'webhook_endpoint_disabled' } })
    }
    expect(await remove(id)).toMatchObject({ status: 204 })
    expect((await call(`POST ${base}`, { body, headers })).body).toEqual(withoutSecret)
    expect(await remove(id)).toMatchObject({ status: 404, body: { code: 'webhook_endpoint_not_found' } })
    const audit = Page.parse((await call('GET /admin/v1/pay-to-view/audit', { query: `?subjectId=${id}` })).body)
    expect(audit.items.map(({ action }) => action)).toEqual([
      ...['webhook_endpoint.deleted', ...[1, 2, 3].map(() => 'webhook_endpoint.updated'), 'webhook_endpoint.created'],
    ])
    expect(JSON.stringify(audit)).not.toContain('whsec')
  })

  test.each([
    ['url', { url: 'ftp://127.0.0.1/' }],
    ['url', { url: 'https://user:password@www.example.com/' }],
    ['url', { url: 'http://169.254.169.254/latest/meta-data' }],
    ['url', { url: 'http://[::ffff:169.254.169.254]/' }],
    ['url', { url: undefined }],
    ['events', { events: [] }],
    ['events.0', { events: ['purchase.deleted'] }],
    ['maxPerSecond', { maxPerSecond: 0 }],
    ['event', { event: '*' }],
  ])('with an invalid %s is rejected: %j', async (field, fields) => {
    const body = { url: receiver.url, events: ['*'], ...fields }
    expect(await call(`POST ${base}`, { body })).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  test('that does not exist, or an id of another kind, is rejected by every path', async () => {
    for (const operation of webhookOperations) {
      if (!operation.includes('{id}')) continue
      const [method] = operation.split(' ')
      const body =
        method === 'POST' || method === 'PATCH'
          ? { body: operation.endsWith('/deliveries/resend') ? { since: '2026-01-01T00:00:00Z' } : {} }
          : {}
      const query = operation.endsWith('statistics') ? `?from=${new Date().toISOString()}` : ''
      const options = { messageId: unknownMessage, query, ...body }
      expect(await call(operation, { id: unknownEndpoint, ...options })).toMatchObject({ status: 404 })
      expect(await call(operation, { id: 'nope', ...options })).toMatchObject({ status: 404 })
      expect(await call(operation, { id: 'x!', ...options })).toMatchObject({ status: 400 })
    }
    const { id } = await createEndpoint()
    expect(await call(`POST ${base}/{id}/deliveries/{messageId}/resend`, { id, messageId: 'nope', body: {} })).toMatchObject({
      status: 404,
      body: { code: 'webhook_message_not_found', errors: [{ field: 'messageId' }] },
    })
    await remove(id)
    expect(await call(`GET ${base}`, { query: '?limit=0' })).toMatchObject({ status: 400 })
  })

  test('for e-mails allows only reading and resending them: nobody can change, test or delete it, or resend all e-mails', async () => {
    const id = 'email'
    expect(await call(`GET ${base}/{id}/deliveries`, { id })).toMatchObject({ status: 404 })
    const since = '2026-01-01T00:00:00Z'
    const resend = `POST ${base}/{id}/deliveries/resend` as const
    expect(await call(resend, { id, body: { since } })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'onlyFailed' }] },
    })
    expect(await call(resend, { id, body: { since, onlyFailed: true } })).toMatchObject({ status: 404 })
    for (const operation of [`PATCH ${base}/{id}`, `DELETE ${base}/{id}`, `POST ${base}/{id}/test`] as const)
      expect(await call(operation, { id, ...(!operation.startsWith('DELETE') && { body: {} }) })).toMatchObject({ status: 400 })
  })

  test('is only for admins and keys with the scope', async () => {
    const token = await fetchToken(stack().stack.issuer, { user: stack().newUser() })
    const { key } = await createKey(['purchases:read'])
    for (const operation of webhookOperations) {
      const options = { id: unknownEndpoint, messageId: unknownMessage }
      expect(await call(operation, { ...options, token })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      expect(await call(operation, { ...options, token: key })).toMatchObject({ status: 403, body: { code: 'scope_missing' } })
      expect(await call(operation, { ...options, token: undefined })).toMatchObject({ status: 401 })
    }
  })
})

test('messages about a purchase and its refund arrive, each once and with the history item of the purchase', async () => {
  const { id } = await createEndpoint()
  const { user, client, purchaseId } = await buy()
  const ofUser = (type: string) => receiver.waitFor(type, (message) => message.type === type && message.data.userId === user)
  const completed = await ofUser('purchase.completed')
  const granted = await ofUser('access.granted')
  const { description: _description, ...item } = await client.purchases.get.query({ id: purchaseId })
  expect(completed.data).toEqual({ userId: user, version: expect.any(Number), ...item })
  expect(granted.data).toEqual({
    ...{ userId: user, version: expect.any(Number), entityId: item.entityId, hasAccess: true },
    ...{ startsAt: item.startsAt, expiresAt: item.expiresAt, source: 'purchase', purchaseId, grantId: expect.any(String) },
  })
  await send('POST', `/admin/v1/pay-to-view/purchases/${purchaseId}/refund`, {
    token: await fetchToken(stack().stack.issuer, { user: 'root', admin: true }),
    body: {},
  })
  const refunded = await ofUser('purchase.refunded')
  expect(refunded.data).toMatchObject({ status: 'Refunded', amountRefunded: item.amountPaid })
  expect(await ofUser('access.revoked')).toMatchObject({ data: { hasAccess: false } })
  expect(await ofUser('refund.updated')).toMatchObject({ data: { refund: { amount: item.amountPaid, currency: 'usd' } } })
  const ids = receiver.received.filter(({ data }) => data.userId === user).map((message) => message.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(receiver.state.invalid).toBe(0)

  const [newest] = await deliveriesOf(id, '?status=succeeded&limit=1')
  expect(newest).toMatchObject({ attempts: [{ status: 200, response: 'status 200', error: null }] })
  const query = `?from=${new Date(Date.now() - 3_600_000).toISOString()}&stepSeconds=60`
  const { items } = z
    .object({ items: z.array(z.object({ succeeded: z.int() })) })
    .parse((await call(`GET ${base}/{id}/statistics`, { id, query })).body)
  expect(items.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBeGreaterThanOrEqual(5)
  await remove(id)
})

test('a message that fails is retried after five seconds with the same id, and can be resent', async () => {
  const { id } = await createEndpoint({ events: ['access.granted'] })
  let failures = 1
  receiver.state.respond = () => (failures-- > 0 ? 500 : 204)
  const { user } = await buy()
  const message = await receiver.waitFor('the second attempt', ({ data }) => data.userId === user)
  receiver.state.respond = () => 200
  const statuses = async () => (await deliveriesOf(id))[0]?.attempts.map(({ status }) => status)
  await waitFor('the outcome', async () => (await statuses())?.length === 2, { timeoutMs: 10_000 })
  expect(await deliveriesOf(id)).toMatchObject([{ messageId: message.id, status: 'succeeded' }])
  expect(await statuses()).toEqual([500, 204])
  const before = receiver.received.length
  const again = { id, messageId: message.id, headers: { 'idempotency-key': 'resend' } }
  expect(await call(`POST ${base}/{id}/deliveries/{messageId}/resend`, again)).toMatchObject({ status: 202 })
  await waitFor('the message again', async () => receiver.received.length > before, { timeoutMs: 10_000 })
  const attempts = (await statuses())?.length
  expect(await call(`POST ${base}/{id}/deliveries/{messageId}/resend`, again)).toMatchObject({ status: 202 })
  expect(await deliveriesOf(id)).toMatchObject([{ messageId: message.id, status: 'succeeded' }])
  expect((await statuses())?.length).toBe(attempts)
  expect(await call(`POST ${base}/{id}/test`, again)).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  expect(receiver.received.at(-1)).toMatchObject({ id: message.id, data: message.data, timestamp: message.timestamp })
  expect(await call(`POST ${base}/{id}/deliveries/resend`, { id, body: { since: message.timestamp } })).toMatchObject({
    status: 202,
    body: { messages: 1 },
  })
  expect(await call(`POST ${base}/{id}/deliveries/{messageId}/resend`, { id, messageId: unknownMessage })).toMatchObject({
    status: 404,
  })
  await remove(id)
})

test('an endpoint that responds with 410 is disabled with an alert; when it is enabled again, it gets the pending messages', async () => {
  const { id } = await createEndpoint({ events: ['purchase.completed'] })
  receiver.state.respond = () => 410
  const { user } = await buy()
  const isDisabled = async () =>
    z.looseObject({ enabled: z.boolean() }).parse((await call(`GET ${base}/{id}`, { id })).body).enabled === false
  await waitFor('the endpoint to be disabled', isDisabled, { timeoutMs: 20_000 })
  receiver.state.respond = () => 200
  expect(
    await stack().query(`select detail from alerts where kind = 'webhook_endpoint_disabled' and resolved_at is null`),
  ).toEqual([{ detail: { endpointId: id, reason: 'gone' } }])
  expect(await call(`PATCH ${base}/{id}`, { id, body: { enabled: true } })).toMatchObject({ status: 200 })
  await receiver.waitFor('the waiting message', ({ data }) => data.userId === user)
  await remove(id)
})

test('a test message arrives, and for a day after a rotation messages are signed with both secrets', async () => {
  const { id, secret } = await createEndpoint({ events: ['purchase.failed'] })
  const headers = { 'idempotency-key': 'rotate' }
  const rotated = await call(`POST ${base}/{id}/rotate-secret`, { id, headers })
  const { secret: newSecret = '' } = z.object({ secret: z.string() }).parse(rotated.body)
  expect(newSecret).not.toBe(secret)
  expect((await call(`POST ${base}/{id}/rotate-secret`, { id, headers })).body).toEqual({})
  const testWithSameKey = await call(`POST ${base}/{id}/test`, { id, headers })
  expect(testWithSameKey).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  for (const accepted of [secret, newSecret]) {
    receiver.state.secrets = [accepted]
    const once = { id, headers: { 'idempotency-key': `test-${accepted}` } }
    const { status, body } = await call(`POST ${base}/{id}/test`, once)
    expect(status).toBe(202)
    expect((await call(`POST ${base}/{id}/test`, once)).body).toEqual(body)
    const { messageId } = z.object({ messageId: z.string() }).parse(body)
    expect(await receiver.waitFor('the test message', (message) => message.id === messageId)).toMatchObject({ type: 'test' })
    // A request that was answered before the endpoint was disabled gets the same answer again.
    await call(`PATCH ${base}/{id}`, { id, body: { enabled: false } })
    expect(await call(`POST ${base}/{id}/test`, once)).toMatchObject({ status: 202, body: { messageId } })
    await call(`PATCH ${base}/{id}`, { id, body: { enabled: true } })
  }
  await remove(id)
})

test('every operation was tested with a success and an error', () => {
  for (const operation of webhookOperations) {
    expect(seenStatuses(operation).filter((status) => status < 300).length, operation).toBeGreaterThan(0)
    expect(seenStatuses(operation), operation).toContain(400)
  }
})
