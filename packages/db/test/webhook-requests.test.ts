import { afterEach, expect, test } from 'vitest'
import {
  createReads,
  createWebhookEndpoint,
  deleteOldRequests,
  deleteWebhookEndpoint,
  dispatchMessages,
  listDeliveries,
  type NewWebhookEndpoint,
  resendMessage,
  resendSince,
  rotateWebhookSecret,
  sendTestMessage,
  updateWebhookEndpoint,
} from '../src/index.ts'
import { insertTestPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

afterEach(async () => {
  await database.db.webhookEndpoint.deleteMany()
  await database.db.webhookRequest.deleteMany()
  await database.db.outboxMessage.deleteMany()
})

const newEndpoint: NewWebhookEndpoint = {
  ...{ url: 'https://site.example/hook', events: ['*'], description: 'CRM', maxPerSecond: null, maxConcurrent: null },
  ...{ secret: 'encrypted', createdBy: 'olga', idempotencyKey: null },
}

const create = async (fields: Partial<NewWebhookEndpoint> = {}) => {
  const result = await createWebhookEndpoint(database.db, { ...newEndpoint, ...fields })
  if ('conflict' in result) throw new Error('The key was used for another endpoint')
  return result
}

const typesSentTo = async (id: string) =>
  (await listDeliveries(database.db, id, { status: null, purchaseId: null, before: null, limit: 10 })).map(({ type }) => type)

test('concurrent requests with the same idempotency key create one endpoint', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => create({ idempotencyKey: 'one' })))
  expect(results.filter(({ isNew }) => isNew)).toHaveLength(1)
  expect(new Set(results.map(({ endpoint }) => endpoint.id)).size).toBe(1)
  expect((await create({ idempotencyKey: 'one', createdBy: 'another' })).isNew).toBe(true)
})

test('a repeated request to create an endpoint is compared with the first request, not with the endpoint, and creates nothing', async () => {
  const { db } = database
  const { endpoint } = await create({ idempotencyKey: 'one' })
  const { id } = endpoint
  const changed = await updateWebhookEndpoint(db, id, { description: 'ERP', maxPerSecond: 5 }, 'olga')
  expect(await create({ idempotencyKey: 'one' })).toEqual({ endpoint: changed, isNew: false })
  for (const different of [{ description: 'ERP' }, { events: ['purchase.completed'] }, { maxPerSecond: 5 }, { maxConcurrent: 5 }])
    await expect(create({ ...different, idempotencyKey: 'one' })).rejects.toThrow('used for another endpoint')
  await deleteWebhookEndpoint(db, id, 'olga')
  await deleteOldRequests(db, new Date(Date.now() + 60_000))
  expect(await create({ idempotencyKey: 'one' })).toEqual({ endpoint, isNew: false })
  expect(await db.webhookEndpoint.count({ where: { kind: 'webhook' } })).toBe(0)
})

test('a secret is rotated once for each caller and idempotency key', async () => {
  const { db } = database
  const { id } = (await create()).endpoint
  let count = 0
  const rotate = (by: string, idempotencyKey: string) =>
    rotateWebhookSecret(db, id, { secret: `secret-${++count}`, previousUntil: new Date(), by }, { by, idempotencyKey })
  const secrets = () => db.webhookEndpoint.findUnique({ where: { id }, select: { secret: true, previousSecret: true } })
  expect(await rotate('olga', 'one')).toBe('rotated')
  expect(await rotate('olga', 'two')).toBe('rotated')
  expect(await rotate('olga', 'one')).toBe('repeated')
  expect(await secrets()).toEqual({ secret: 'secret-2', previousSecret: 'secret-1' })
  expect(await rotate('another', 'one')).toBe('rotated')
  expect(await secrets()).toEqual({ secret: 'secret-4', previousSecret: 'secret-2' })
  const entries = await createReads(db).auditEntries(id, null, 10)
  expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
    ['webhook_endpoint.secret_rotated', 'another'],
    ...[1, 2].map(() => ['webhook_endpoint.secret_rotated', 'olga']),
    ['webhook_endpoint.created', 'olga'],
  ])
  expect(await sendTestMessage(db, id, { by: 'olga', idempotencyKey: 'one' })).toEqual({ conflict: true })
})

test("an endpoint's test message can be resent to this endpoint, but not to another", async () => {
  const { db } = database
  const [first, second] = [(await create()).endpoint.id, (await create()).endpoint.id]
  const since = new Date()
  const messageId = String(await sendTestMessage(db, first))
  expect(await resendMessage(db, first, messageId)).toBe(true)
  expect(await resendMessage(db, second, messageId)).toBe(false)
  expect(await resendSince(db, second, { since, onlyFailed: false })).toBe(0)
  expect(await typesSentTo(second)).toEqual([])
})

test('a message of another type is resent to an endpoint only if it was sent to the endpoint before', async () => {
  const { db } = database
  const { id } = (await create({ events: ['access.granted'] })).endpoint
  const other = (await create({ events: ['purchase.completed'] })).endpoint.id
  await (await insertTestPurchase(db, newUser())).pay()
  await dispatchMessages(db)
  const [completed, granted] = await Promise.all(
    ['purchase.completed', 'access.granted'].map((type) => db.outboxMessage.findFirstOrThrow({ where: { type } })),
  )
  expect(await resendMessage(db, id, completed?.id ?? '')).toBe(false)
  expect(await typesSentTo(id)).toEqual(['access.granted'])
  await updateWebhookEndpoint(db, id, { events: ['purchase.completed'] }, 'olga')
  for (const message of [completed, granted]) expect(await resendMessage(db, id, message?.id ?? '')).toBe(true)
  expect(await resendMessage(db, other, granted?.id ?? '')).toBe(false)
})
