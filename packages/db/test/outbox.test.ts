import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import {
  continueErasure,
  createWebhookEndpoint,
  type Db,
  deleteOldMessages,
  deleteWebhookEndpoint,
  disableEndpoint,
  dispatchMessages,
  endpointsWithPendingDeliveries,
  listDeliveries,
  overdueRetries,
  pendingDeliveries,
  recordAttempts,
  resendMessage,
  resendSince,
  startErasure,
  updateWebhookEndpoint,
} from '../src/index.ts'
import { toPurchaseItem } from '../src/purchase-item.ts'
import { createReads } from '../src/reads.ts'
import { channel, channelFilm, insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const createEndpoint = async (events = ['*']): Promise<string> => {
  const result = await createWebhookEndpoint(database.db, {
    ...{ url: 'https://site.example/hook', events, description: '', maxPerSecond: null, maxConcurrent: null },
    ...{ secret: 'encrypted', createdBy: 'test', idempotencyKey: randomUUID() },
  })
  if ('conflict' in result) throw new Error('The key was used before')
  return result.endpoint.id
}

afterEach(async () => {
  await database.db.webhookEndpoint.deleteMany()
  await database.db.outboxMessage.deleteMany()
})

const messagesOf = async (db: Db, userId: string) => {
  const rows = await db.outboxMessage.findMany({ where: { userId }, orderBy: { version: 'asc' } })
  return rows.map(({ type, data }) => ({ type, data }))
}
const typesOf = async (db: Db, userId: string) => (await messagesOf(db, userId)).map(({ type }) => type)

test('with no endpoint, or only a disabled endpoint, a purchase writes no message', async () => {
  const { db } = database
  const id = await createEndpoint()
  await updateWebhookEndpoint(db, id, { enabled: false }, 'test')
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await purchase.apply(purchase.refund('full'))
  expect(await messagesOf(db, purchase.userId)).toEqual([])
})

test('a purchase whose checkout Stripe has rejected writes no message and is not in the history', async () => {
  const { db } = database
  await createEndpoint()
  const purchase = await insertTestPurchase(db, newUser())
  const rejection = { kind: 'rejection' as const, id: purchase.id, code: 'amount_too_small', observedAt: now }
  expect(await purchase.apply(rejection)).toMatchObject({ status: 'Expired' })
  expect(await messagesOf(db, purchase.userId)).toEqual([])
  const history = await createReads(db).history(purchase.userId, { page: 1, pageSize: 10 })
  expect(history).toEqual({ items: [], totalCount: 0 })
})

test('the messages of a first payment contain the history item of the purchase and its grant', async () => {
  const { db } = database
  await createEndpoint()
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  const { items } = await createReads(db).history(purchase.userId, { page: 1, pageSize: 1 })
  const [row] = items
  if (!row) throw new Error('The user has no purchase')
  const { userId, id: purchaseId } = purchase
  const { entityId, startsAt, expiresAt } = toPurchaseItem(row)
  expect(startsAt).toEqual(expect.any(String))
  expect(await messagesOf(db, userId)).toEqual([
    { type: 'purchase.completed', data: { userId, ...toPurchaseItem(row) } },
    {
      type: 'access.granted',
      data: {
        userId,
        entityId,
        hasAccess: true,
        startsAt,
        expiresAt,
        source: 'purchase',
        purchaseId,
        grantId: expect.stringMatching(/^grant_/),
      },
    },
  ])
})

test('the messages do not depend on the path that applies the payment', async () => {
  const { db } = database
  await createEndpoint()
  const purchase = await insertTestPurchase(db, newUser())
  // A batch that contains a refund is applied in the full transaction instead of the fast path.
  await purchase.apply(purchase.session(), purchase.payment(), purchase.refund('part', { amount: 100 }))
  expect((await typesOf(db, purchase.userId)).sort()).toEqual(['access.granted', 'purchase.completed', 'refund.updated'])
})

test('a refund, a dispute and its loss each send one message, even if they are applied repeatedly', async () => {
  const { db } = database
  await createEndpoint()
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  for (let time = 1; time <= 2; time++) {
    await purchase.apply(purchase.refund('part', { amount: 100 }))
    await purchase.apply(purchase.dispute('needs_response', now + 1))
    await purchase.apply(purchase.dispute('lost', now + 2))
  }
  expect(await typesOf(db, purchase.userId)).toEqual([
    ...['purchase.completed', 'access.granted', 'refund.updated', 'access.revoked'],
    ...['purchase.disputed', 'purchase.dispute_closed'],
  ])
  const messages = await messagesOf(db, purchase.userId)
  expect(messages[2]?.data).toMatchObject({
    ...{ userId: purchase.userId, amountRefunded: 100 },
    refund: { refundId: `re_${purchase.id}_part`, amount: 100, currency: 'usd', status: 'succeeded' },
  })
  expect(messages[3]?.data).toMatchObject({ hasAccess: false, purchaseId: purchase.id })
})

test('the endpoint is notified of an unpaid checkout that expires', async () => {
  const { db } = database
  await createEndpoint()
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.apply({ ...purchase.session(), status: 'expired', paymentIntentId: null, hasPaymentIntent: false })
  expect(await typesOf(db, purchase.userId)).toEqual(['purchase.expired'])
})

test('the message about a revoked grant says that the user still has access if another grant includes the entity', async () => {
  const { db } = database
  const userId = newUser()
  const film = await insertTestPurchase(db, userId, channelFilm)
  await film.pay()
  const all = await insertTestPurchase(db, userId, channel)
  await all.pay()
  await createEndpoint(['access.revoked'])
  await film.apply(film.refund('full'))
  expect(await messagesOf(db, userId)).toMatchObject([{ type: 'access.revoked', data: { hasAccess: true, purchaseId: film.id } }])
})

test('an endpoint gets only the messages that it wants, in order', async () => {
  const { db } = database
  const access = await createEndpoint(['access.granted', 'access.revoked'])
  const all = await createEndpoint()
  await updateWebhookEndpoint(db, await createEndpoint(), { enabled: false }, 'test')
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await purchase.apply(purchase.refund('full'))
  const { endpointIds } = await dispatchMessages(db)
  expect(endpointIds.toSorted()).toEqual([access, all].sort())
  expect((await endpointsWithPendingDeliveries(db)).toSorted()).toEqual([access, all].sort())
  expect(await dispatchMessages(db)).toEqual({ messages: 0, endpointIds: [] })
  const types = async (id: string) => (await pendingDeliveries(db, id, { limit: 10, except: [] })).map(({ type }) => type)
  expect(await types(access)).toEqual(['access.granted', 'access.revoked'])
  expect((await types(all)).slice(0, 2)).toEqual(['purchase.completed', 'access.granted'])
  expect(await types(all)).toHaveLength(5)
})

test('outcomes of attempts are logged; an endpoint is failing from the first failure until a success', async () => {
  const { db } = database
  const endpointId = await createEndpoint(['purchase.completed'])
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await dispatchMessages(db)
  const [due] = await pendingDeliveries(db, endpointId, { limit: 10, except: [] })
  const messageId = due?.messageId ?? ''
  const at = new Date()
  const failingSince = async () => (await db.webhookEndpoint.findUniqueOrThrow({ where: { id: endpointId } })).failingSince
  const failure = { ...{ messageId, at, durationMs: 12, status: 500, error: null, response: 'no' }, result: 'failing' as const }
  await recordAttempts(db, endpointId, [{ ...failure, nextAttemptAt: new Date(at.getTime() + 5_000) }])
  expect(await failingSince()).toEqual(at)
  expect(await overdueRetries(db, new Date(at.getTime() + 6_000), 10)).toEqual([{ endpointId, messageId }])
  expect(await overdueRetries(db, at, 10)).toEqual([])
  await recordAttempts(db, endpointId, [{ ...failure, status: 204, response: '', result: 'succeeded', nextAttemptAt: null }])
  expect(await failingSince()).toBeNull()
  // A slower attempt that failed does not undo the success of the same message.
  await recordAttempts(db, endpointId, [{ ...failure, nextAttemptAt: at }])
  const list = () => listDeliveries(db, endpointId, { status: null, purchaseId: null, before: null, limit: 10 })
  expect(await list()).toMatchObject([
    { messageId, status: 'succeeded', attempts: [{ status: 500 }, { status: 204 }, { status: 500 }] },
  ])

  expect(await resendMessage(db, endpointId, messageId)).toBe(true)
  expect(await resendMessage(db, endpointId, 'msg_unknown')).toBe(false)
  expect(await list()).toMatchObject([{ status: 'pending' }])
})

test('waiting messages of a disabled endpoint are kept, and delivered when it is enabled again', async () => {
  const { db } = database
  const endpointId = await createEndpoint()
  const since = new Date()
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await dispatchMessages(db)
  await disableEndpoint(db, endpointId, 'gone')
  await disableEndpoint(db, endpointId, 'failing')
  const alert = () => db.alert.findUnique({ where: { dedupeKey: `webhook_endpoint_disabled:${endpointId}` } })
  expect(await alert()).toMatchObject({ detail: { endpointId, reason: 'gone' }, resolvedAt: null })
  expect(await endpointsWithPendingDeliveries(db)).toEqual([])
  expect(await updateWebhookEndpoint(db, endpointId, { enabled: true }, 'test')).toMatchObject({
    enabled: true,
    disabledReason: null,
  })
  expect(await alert()).toMatchObject({ resolvedBy: 'test' })
  expect(await endpointsWithPendingDeliveries(db)).toEqual([endpointId])
  expect(await resendSince(db, endpointId, { since, onlyFailed: false })).toBe(2)
  expect(await deleteWebhookEndpoint(db, endpointId, 'test')).toBe(true)
  expect(await deleteWebhookEndpoint(db, endpointId, 'test')).toBe(false)
})

test('an erased user is replaced in messages, and responses to these messages are deleted', async () => {
  const { db } = database
  const endpointId = await createEndpoint()
  const purchase = await insertTestPurchase(db, `erased-${newUser()}`)
  const other = await insertTestPurchase(db, newUser())
  for (const each of [purchase, other]) await each.pay()
  await purchase.apply({ ...purchase.refund('full'), requestId: `asked-by-${purchase.userId}` })
  await dispatchMessages(db)
  const due = await pendingDeliveries(db, endpointId, { limit: 10, except: [] })
  const outcome = { at: new Date(), durationMs: 1, status: 200, error: null, result: 'succeeded' as const, nextAttemptAt: null }
  await recordAttempts(
    db,
    endpointId,
    due.map(({ messageId, data }) => ({ ...outcome, messageId, response: `hello ${data.userId}` })),
  )
  const erasure = await startErasure(db, { userId: purchase.userId, emails: [], customers: [], by: 'operator' })
  if (!erasure) throw new Error('The erasure was prevented')
  await continueErasure(db, erasure)
  const rows = await db.outboxMessage.findMany({ include: { deliveries: { include: { log: true } } } })
  expect(JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
    purchase.userId,
  )
  expect(rows.filter(({ userId }) => userId === erasure.pseudonym)).toHaveLength(5)
  expect(await messagesOf(db, other.userId)).toMatchObject([
    { data: { userId: other.userId } },
    { data: { userId: other.userId } },
  ])
  expect(await db.deliveryAttempt.count({ where: { response: `hello ${other.userId}` } })).toBe(2)
})

test('old messages are deleted with their deliveries, except messages that an enabled endpoint still waits for', async () => {
  const { db } = database
  const endpointId = await createEndpoint(['access.granted'])
  for (let count = 0; count < 2; count++) await (await insertTestPurchase(db, newUser())).pay()
  await dispatchMessages(db)
  const [first] = await pendingDeliveries(db, endpointId, { limit: 1, except: [] })
  const outcome = { at: new Date(), durationMs: 1, status: 200, error: null, response: null, nextAttemptAt: null }
  await recordAttempts(db, endpointId, [{ ...outcome, messageId: first?.messageId ?? '', result: 'succeeded' }])
  const later = new Date(Date.now() + 60_000)
  expect(await deleteOldMessages(db, new Date(Date.now() - 60_000), 10)).toBe(0)
  expect(await deleteOldMessages(db, later, 10)).toBe(1)
  await disableEndpoint(db, endpointId, 'failing')
  expect(await deleteOldMessages(db, later, 10)).toBe(1)
  expect(await db.delivery.count()).toBe(0)
})
