import type { Snapshot } from '@pay-to-view/purchase'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import {
  cancelEntity,
  type EntityJob,
  enableEmail,
  findJob,
  finishJob,
  type ImportedPurchase,
  importGrants,
  importPurchases,
  newPurchaseId,
  nextJobItems,
  planJob,
  putEntities,
  saveJobItem,
  setJobPaused,
} from '../src/index.ts'
import { commitBefore } from './commit-before.ts'
import { newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const newEvent = async (id: string) => {
  await putEntities(database.db, [{ id, type: 'video', title: id }], 'root')
  return id
}

const cancel = async (entityId: string): Promise<EntityJob> => {
  const job = await cancelEntity(database.db, { entityId, reason: 'storm', actor: 'root' })
  if (!job) throw new Error(`There is no entity ${entityId}`)
  return job
}

const cancelAndFinish = async (entityId: string): Promise<EntityJob> => {
  const job = await cancel(entityId)
  await planJob(database.db, job)
  await finishJob(database.db, job)
  expect((await findJob(database.db, job.id))?.finishedAt).toEqual(expect.any(Date))
  return job
}

/** Creates a paid purchase that was made through another backend. */
const soldElsewhere = (entityId: string, { isRefunded = false } = {}): ImportedPurchase => {
  const [id, userId] = [newPurchaseId(), newUser()]
  const [sessionId, paymentIntentId] = [`cs_${id}`, `pi_${id}`]
  const snapshots: Snapshot[] = [
    {
      ...{ kind: 'session', id: sessionId, status: 'complete', paymentIntentId, hasPaymentIntent: true },
      ...{ userId, entityId, createdAt: now, observedAt: now },
    },
    { kind: 'payment', id: paymentIntentId, status: 'paid', amount: 499, currency: 'usd', observedAt: now },
  ]
  const refund: Snapshot = {
    ...{ kind: 'refund', id: `re_${id}`, paymentIntentId, status: 'succeeded', amount: 499 },
    ...{ createdAt: now, requestId: null, observedAt: now },
  }
  return {
    ...{ id, userId, entityId, productId: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', sessionId },
    ...{ allowedDiscount: { kind: 'none' }, taxBehavior: null, stripeCustomerId: null, isSessionOpen: false },
    ...{ checkoutDeadline: new Date(), createdAt: new Date() },
    buildCheckoutRequest: () => ({}),
    snapshots: isRefunded ? [...snapshots, refund] : snapshots,
  }
}

const importSales = (...purchases: ImportedPurchase[]) =>
  importPurchases(database.db, purchases, { actor: 'root', termsOf: new Map() })

test('a purchase that is imported after its event was canceled is added to the cancellation, which is reopened if it had finished', async () => {
  const { db } = database
  await enableEmail(db, { maxPerSecond: 10, maxConcurrent: 5 })
  const job = await cancelAndFinish(await newEvent('finished-event'))
  const [paid, other] = [soldElsewhere('finished-event'), soldElsewhere(await newEvent('other-event'))]
  expect(await importSales(paid, other)).toMatchObject([
    { id: paid.id, result: 'imported', isCanceled: true },
    { id: other.id, result: 'imported', isCanceled: false },
  ])
  expect(await nextJobItems(db, job.id, 10)).toMatchObject([{ subjectId: paid.id, kind: 'purchase', outcome: 'pending' }])
  expect((await findJob(db, job.id))?.finishedAt).toBeNull()
  // The buyer is notified, as if the purchase had existed when the event was canceled.
  expect(await db.outboxMessage.findMany({ where: { purchaseId: paid.id } })).toMatchObject([
    { type: 'email.event_canceled', userId: paid.userId },
  ])
  // The cancellation is finished again only after the refund.
  await finishJob(db, job)
  expect((await findJob(db, job.id))?.finishedAt).toBeNull()
  expect(await importSales(paid)).toMatchObject([{ result: 'exists' }])
})

test('a purchase that had been refunded before its import does not change the finished cancellation', async () => {
  const { db } = database
  const job = await cancelAndFinish(await newEvent('refunded-event'))
  expect(await importSales(soldElsewhere('refunded-event', { isRefunded: true }))).toMatchObject([
    { status: 'Refunded', isCanceled: false },
  ])
  expect(await nextJobItems(db, job.id, 10)).toEqual([])
  expect((await findJob(db, job.id))?.finishedAt).toEqual(expect.any(Date))
})

test('a reopened cancellation is not paused, and reopens a resolved alert only if another item fails', async () => {
  const { db } = database
  const job = await cancel(await newEvent('failing-event'))
  const openAlerts = () => db.alert.count({ where: { kind: 'cancel_incomplete', resolvedAt: null } })
  const importAndEnd = async (outcome: 'refunded' | 'failed') => {
    await importSales(soldElsewhere('failing-event'))
    await planJob(db, job)
    for (const item of await nextJobItems(db, job.id, 10)) await saveJobItem(db, item, { outcome })
    await setJobPaused(db, job.id, { isPaused: true, by: 'root' })
    await finishJob(db, job)
    expect(await findJob(db, job.id)).toMatchObject({ pausedAt: null, finishedAt: expect.any(Date) })
  }
  await importAndEnd('failed')
  expect(await openAlerts()).toBe(1)
  await db.alert.updateMany({ where: { kind: 'cancel_incomplete' }, data: { resolvedAt: new Date(), resolvedBy: 'olga' } })
  await importAndEnd('refunded')
  expect(await openAlerts()).toBe(0)
  await importAndEnd('failed')
  expect(await openAlerts()).toBe(1)
  expect(await db.auditEntry.count({ where: { action: 'entity.cancellation_finished', subjectId: 'failing-event' } })).toBe(3)
})

test('an import waits for a cancellation that is being written', async () => {
  const { db } = database
  const begin = `WITH job AS (INSERT INTO entity_jobs (id, kind, entity_id, requested_by, reason) VALUES ($1, 'cancel', $2, 'root', 'storm'))
    UPDATE entities SET canceled_at = now() WHERE id = $2`
  const sale = soldElsewhere(await newEvent('racing-event'))
  expect(await commitBefore(db, begin, ['job_racing', 'racing-event'], () => importSales(sale))).toMatchObject([
    { isCanceled: true },
  ])

  await newEvent('racing-grant-event')
  const grant = {
    ...{ line: 2, userId: newUser(), entityId: 'racing-grant-event', startsAt: new Date(), expiresAt: null },
    ...{ reference: 'racing-1', reason: null },
  }
  const importGrant = () => importGrants(db, [grant], { actor: 'root', file: 'access.csv', dryRun: false })
  expect(await commitBefore(db, begin, ['job_grant', 'racing-grant-event'], importGrant)).toMatchObject([{ result: 'created' }])
})

test('a cancellation waits for an import of access that is being written, and revokes the access', async () => {
  const { db } = database
  const userId = newUser()
  await newEvent('granted-event')
  const begin = `WITH locked AS (SELECT id FROM entities WHERE id = $2 FOR SHARE)
    INSERT INTO grants (id, source, user_id, entity_id, starts_at, reference) SELECT 'grant_racing', 'import', $1, id, now(), 'racing-2' FROM locked`
  const job = await commitBefore(db, begin, [userId, 'granted-event'], () => cancel('granted-event'))
  await planJob(db, job)
  expect(await nextJobItems(db, job.id, 10)).toMatchObject([{ subjectId: 'grant_racing', kind: 'grant' }])
})
