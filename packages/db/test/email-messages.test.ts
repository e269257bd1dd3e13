import { secondsPerDay } from '@pay-to-view/purchase'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  cancelEntity,
  changeGrantOfJob,
  continueErasure,
  createWebhookEndpoint,
  deleteMessage,
  disableEmail,
  dispatchMessages,
  emailEndpointId,
  enableEmail,
  extendGrant,
  findJob,
  listDeliveries,
  listWebhookEndpoints,
  nextJobItems,
  outboxState,
  pendingDeliveries,
  planJob,
  putEntities,
  readEmailPurchase,
  recordAttempts,
  releaseDueMessages,
  resendMessage,
  startErasure,
  updateEmailAlert,
} from '../src/index.ts'
import { insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()
const limits = { maxPerSecond: 10, maxConcurrent: 5 }
const day = secondsPerDay * 1_000

beforeEach(() => enableEmail(database.db, limits))
afterEach(async () => {
  await database.db.webhookEndpoint.deleteMany()
  await database.db.outboxMessage.deleteMany()
})

const messagesOf = (userId: string) =>
  database.db.outboxMessage.findMany({
    where: { userId },
    orderBy: { version: 'asc' },
    select: { id: true, type: true, data: true, dueAt: true, purchaseId: true },
  })
const typesOf = async (userId: string) => (await messagesOf(userId)).map(({ type }) => type)

const newEvent = async (id: string, availableFrom: Date) => {
  await putEntities(database.db, [{ id, type: 'video', title: id, availableFrom: availableFrom.toISOString() }], 'root')
  return { id, type: 'video' as const, title: id }
}

/** Runs the latest job of a kind for an entity, as the activity does. */
const runJob = async (entityId: string, kind: 'move' | 'cancel') => {
  const { db } = database
  const { id } = await db.entityJob.findFirstOrThrow({ where: { entityId, kind }, orderBy: { createdAt: 'desc' } })
  const job = await findJob(db, id)
  if (!job) throw new Error('The job does not exist')
  await planJob(db, job)
  await planJob(db, { ...job, plannedAt: null })
  for (const item of await nextJobItems(db, id, 100)) if (item.kind === 'grant') await changeGrantOfJob(db, job, item.subjectId)
}

test('with no endpoint and with e-mail disabled, a purchase writes no message', async () => {
  const { db } = database
  await disableEmail(db)
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await purchase.apply(purchase.refund('full'))
  expect(await messagesOf(purchase.userId)).toEqual([])
})

test('a first payment records the confirmation, and the expiry notice, which is due a day before the access ends', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  const { userId, id: purchaseId } = purchase
  const { grant } = (await readEmailPurchase(db, purchaseId)) ?? {}
  const expiresAt = grant?.expiresAt ?? new Date(0)
  expect(await messagesOf(userId)).toMatchObject([
    { type: 'email.purchase_completed', purchaseId, data: { userId, purchaseId }, dueAt: null },
    {
      ...{ type: 'email.access_ending', purchaseId, data: { userId, purchaseId, at: expiresAt.toISOString() } },
      dueAt: new Date(expiresAt.getTime() - day),
    },
  ])
  // Other endpoints get no e-mails, and the e-mail endpoint gets no other messages.
  expect(await outboxState(db)).toMatchObject({ undispatched: 1 })
})

test('both paths that apply a payment record the same e-mails, and a payment applied twice is confirmed once', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.apply(purchase.session(), purchase.payment(), purchase.refund('part', { amount: 100 }))
  await purchase.apply(purchase.session(), purchase.payment(), purchase.refund('part', { amount: 100 }))
  expect((await typesOf(purchase.userId)).sort()).toEqual([
    ...['email.access_ending', 'email.purchase_completed', 'email.refunded'],
  ])
})

test('the refund e-mail is recorded when the refund has succeeded, and a restored purchase is not confirmed again', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser(), undefined, null)
  await purchase.pay()
  await purchase.apply(purchase.refund('full', { status: 'pending' }))
  expect(await typesOf(purchase.userId)).toEqual(['email.purchase_completed'])
  await purchase.apply({ ...purchase.refund('full'), observedAt: now + 1 })
  expect(await messagesOf(purchase.userId)).toMatchObject([
    {},
    { type: 'email.refunded', data: { refund: { id: `re_${purchase.id}_full`, amount: 499 } } },
  ])
  await purchase.apply({ ...purchase.refund('full', { status: 'failed' }), observedAt: now + 2 })
  expect((await readEmailPurchase(db, purchase.id))?.status).toBe('Completed')
  expect(await typesOf(purchase.userId)).toEqual(['email.purchase_completed', 'email.refunded'])
})

test('a purchase that was already refunded when it is first seen is not confirmed', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  await purchase.apply(purchase.session(), purchase.payment(), purchase.refund('full'))
  expect(await typesOf(purchase.userId)).toEqual(['email.refunded'])
})

test('extended access gets one notice for its new expiry', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  const { id } = await db.grant.findUniqueOrThrow({ where: { purchaseId: purchase.id } })
  const expiresAt = new Date(Date.now() + 60 * day)
  for (let time = 1; time <= 2; time++) await extendGrant(db, id, { expiresAt, by: 'root' })
  const notices = (await messagesOf(purchase.userId)).filter(({ type }) => type === 'email.access_ending')
  expect(notices).toHaveLength(2)
  expect(notices[1]).toMatchObject({ data: { at: expiresAt.toISOString() }, dueAt: new Date(expiresAt.getTime() - day) })
})

test('the buyer of a live event is notified of a new date, and again shortly before the event starts', async () => {
  const { db } = database
  const [opening, later] = [new Date(Date.now() + 10 * day), new Date(Date.now() + 20 * day)]
  const event = await newEvent('mailed-event', opening)
  const purchase = await insertTestPurchase(db, newUser(), event, null)
  await purchase.pay()
  const hour = 3_600_000
  expect(await messagesOf(purchase.userId)).toMatchObject([
    { type: 'email.purchase_completed' },
    { type: 'email.event_starting', data: { at: opening.toISOString() }, dueAt: new Date(opening.getTime() - hour) },
  ])
  await newEvent(event.id, later)
  await runJob(event.id, 'move')
  expect((await messagesOf(purchase.userId)).slice(2)).toMatchObject([
    { type: 'email.event_starting', data: { at: later.toISOString() }, dueAt: new Date(later.getTime() - hour) },
    { type: 'email.event_moved', data: { at: later.toISOString() }, dueAt: null },
  ])
  // Moving the event back to an already announced date sends another `event_moved` e-mail. The `event_starting` e-mail for that date still
  // exists, so it is not recorded again.
  for (const date of [opening, later]) {
    await newEvent(event.id, date)
    await runJob(event.id, 'move')
  }
  expect(await typesOf(purchase.userId)).toEqual([
    ...['email.purchase_completed', 'email.event_starting', 'email.event_starting'],
    ...['email.event_moved', 'email.event_moved', 'email.event_moved'],
  ])
})

test('buyers of a canceled event are notified once; users who have not paid or have disputed the payment are not', async () => {
  const { db } = database
  const event = await newEvent('canceled-mail', new Date(Date.now() + day))
  const [paid, open, disputed] = await Promise.all([1, 2, 3].map(() => insertTestPurchase(db, newUser(), event)))
  await paid?.pay()
  await disputed?.pay()
  await disputed?.apply(disputed.dispute('needs_response', now + 1))
  await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' })
  await runJob(event.id, 'cancel')
  const canceled = await db.outboxMessage.findMany({ where: { type: 'email.event_canceled' } })
  expect(canceled).toMatchObject([{ userId: paid?.userId, purchaseId: paid?.id, data: { refund: { amount: 499 } } }])
  expect(await messagesOf(open?.userId ?? '')).toEqual([])
})

test('buyers of a festival are notified that one of its events is canceled and that they keep access to the other events', async () => {
  const { db } = database
  const event = await newEvent('festival-event', new Date(Date.now() + day))
  const festival = { id: 'festival', type: 'content' as const, title: 'Festival' }
  await putEntities(db, [festival], 'root')
  await putEntities(db, [{ ...event, availableFrom: new Date(Date.now() + day).toISOString(), memberOf: ['festival'] }], 'root')
  const [pass, refunded] = await Promise.all([1, 2].map(() => insertTestPurchase(db, newUser(), festival, null)))
  for (const each of [pass, refunded]) await each?.pay()
  await refunded?.apply(refunded.refund('full'))
  await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' })
  await runJob(event.id, 'cancel')
  const canceled = await db.outboxMessage.findMany({ where: { type: 'email.event_canceled' } })
  expect(canceled).toMatchObject([{ userId: pass?.userId, purchaseId: pass?.id, data: { memberId: event.id } }])
  expect(await readEmailPurchase(db, pass?.id ?? '', event.id)).toMatchObject({ title: event.id, container: 'Festival' })
})

test('a notice is dispatched when it is due, and only to the e-mail endpoint', async () => {
  const { db } = database
  const endpoint = await createWebhookEndpoint(db, {
    ...{ url: 'https://site.example/hook', events: ['*'], description: '', maxPerSecond: null, maxConcurrent: null },
    ...{ secret: 'encrypted', createdBy: 'test', idempotencyKey: null },
  })
  const whe = 'endpoint' in endpoint ? endpoint.endpoint.id : ''
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  expect((await listWebhookEndpoints(db, null, 10)).map(({ id }) => id)).toEqual([whe])
  await dispatchMessages(db)
  const due = (id: string) => pendingDeliveries(db, id, { limit: 10, except: [] })
  const types = async (id: string) => (await due(id)).map(({ type }) => type)
  expect(await types(emailEndpointId)).toEqual(['email.purchase_completed'])
  expect(await types(whe)).toEqual(['purchase.completed', 'access.granted'])
  const [confirmation] = await due(emailEndpointId)
  expect(await resendMessage(db, whe, confirmation?.messageId ?? '')).toBe(false)
  const waiting = await db.outboxMessage.findFirstOrThrow({ where: { type: 'email.access_ending' } })
  expect(await resendMessage(db, emailEndpointId, waiting.id)).toBe(false)
  expect(await releaseDueMessages(db)).toBe(0)
  await db.outboxMessage.updateMany({ where: { type: 'email.access_ending' }, data: { dueAt: new Date() } })
  expect(await releaseDueMessages(db)).toBe(1)
  expect(await releaseDueMessages(db)).toBe(0)
  await dispatchMessages(db)
  expect(await types(emailEndpointId)).toEqual(['email.purchase_completed', 'email.access_ending'])
  await deleteMessage(db, confirmation?.messageId ?? '')
  expect(await types(emailEndpointId)).toEqual(['email.access_ending'])
})

test('the e-mails of a purchase are listed in the order in which they were due, and resending one sends no other', async () => {
  const { db } = database
  const [purchase, other] = await Promise.all([1, 2].map(() => insertTestPurchase(db, newUser())))
  for (const each of [purchase, other]) await each?.pay()
  await db.outboxMessage.updateMany({
    where: { userId: purchase?.userId ?? '', dueAt: { not: null } },
    data: { dueAt: new Date() },
  })
  await releaseDueMessages(db)
  await dispatchMessages(db)
  const list = (purchaseId: string | null) =>
    listDeliveries(db, emailEndpointId, { status: null, purchaseId, before: null, limit: 10 })
  const [, confirmation] = await list(purchase?.id ?? '')
  // The expiry notice was written together with the payment but is listed as the newest message.
  expect((await list(null)).map(({ type, purchaseId }) => [type, purchaseId])).toEqual([
    ['email.access_ending', purchase?.id],
    ['email.purchase_completed', other?.id],
    ['email.purchase_completed', purchase?.id],
  ])
  expect((await list(purchase?.id ?? '')).map(({ type }) => type)).toEqual(['email.access_ending', 'email.purchase_completed'])
  expect(await list('ptv_unknown')).toEqual([])
  const due = () => pendingDeliveries(db, emailEndpointId, { limit: 10, except: [] })
  for (const { messageId } of await due()) {
    const sent = { messageId, at: new Date(), durationMs: 1, status: 250, response: null, error: null }
    await recordAttempts(db, emailEndpointId, [{ ...sent, result: 'succeeded', nextAttemptAt: null }])
  }
  expect(await resendMessage(db, emailEndpointId, confirmation?.messageId ?? '')).toBe(true)
  expect(await due()).toMatchObject([{ messageId: confirmation?.messageId, attempts: 0, resentAt: expect.any(Date) }])
})

test('a rejected address does not count against the mail server; an hour without any sent e-mail raises an alert', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  await dispatchMessages(db)
  const [due] = await pendingDeliveries(db, emailEndpointId, { limit: 1, except: [] })
  const failingSince = async () => (await db.webhookEndpoint.findUniqueOrThrow({ where: { id: emailEndpointId } })).failingSince
  const attempt = { messageId: due?.messageId ?? '', at: new Date(), durationMs: 1, status: 550, response: null, error: '550' }
  await recordAttempts(db, emailEndpointId, [{ ...attempt, result: 'failed', nextAttemptAt: null, isNeutral: true }])
  expect(await failingSince()).toBeNull()
  await recordAttempts(db, emailEndpointId, [{ ...attempt, result: 'failing', nextAttemptAt: new Date() }])
  expect(await failingSince()).toEqual(attempt.at)

  const alert = () => db.alert.findUnique({ where: { dedupeKey: 'email_failing:email' } })
  const hourAgo = new Date(Date.now() - 3_600_000)
  await updateEmailAlert(db, { failingSince: new Date(hourAgo.getTime() + 60_000), error: 'ECONNREFUSED' })
  expect(await alert()).toBeNull()
  await updateEmailAlert(db, { failingSince: hourAgo, error: 'ECONNREFUSED' })
  expect(await alert()).toMatchObject({ resolvedAt: null, detail: { error: 'ECONNREFUSED' } })
  await updateEmailAlert(db, { failingSince: hourAgo, error: null })
  expect((await alert())?.resolvedAt).not.toBeNull()
})

test('the e-mails of an erased user are deleted, and no more are recorded', async () => {
  const { db } = database
  const event = await newEvent('erased-event', new Date(Date.now() + 10 * day))
  const purchase = await insertTestPurchase(db, `mailed-${newUser()}`, event)
  await purchase.pay()
  expect(await typesOf(purchase.userId)).toHaveLength(3)
  const user = { userId: purchase.userId, emails: [] }
  const erasure = await startErasure(db, { ...user, customers: [], by: 'root' })
  const count = () => db.outboxMessage.count({ where: { purchaseId: purchase.id } })
  if (!erasure) throw new Error('The erasure was prevented')
  await continueErasure(db, erasure)
  expect(await count()).toBe(0)
  await newEvent(event.id, new Date(Date.now() + 20 * day))
  await runJob(event.id, 'move')
  expect(await count()).toBe(0)
})
