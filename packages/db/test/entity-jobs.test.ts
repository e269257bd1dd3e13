import { expect, test } from 'vitest'
import { replaceInOperatorRows } from '../src/erasure/operator-rows.ts'
import { createPseudonymizer } from '../src/erasure/pseudonymizer.ts'
import {
  cancelEntity,
  cancellationRequestId,
  changeGrantOfJob,
  type EntityJob,
  extendEntity,
  failRefund,
  findJob,
  finishJob,
  grantComplimentaryAccess,
  insertPurchase,
  nextJobItems,
  planJob,
  putEntities,
  readCancellation,
  readEntityHolders,
  readExtension,
  readJobItems,
  readRefundRequest,
  reevaluateRefund,
  saveJobItem,
  setJobPaused,
} from '../src/index.ts'
import { film, insertTestPurchase, newPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const day = 86_400_000

const newEvent = async (id: string, availableFrom: string | null = null) => {
  await putEntities(database.db, [{ id, type: 'video', title: id, availableFrom }], 'root')
  return { id, type: 'video' as const, title: id }
}

const requireJob = (job: EntityJob | 'conflict' | null): EntityJob => {
  if (job === null || job === 'conflict') throw new Error(`Expected a job, not ${job}`)
  return job
}

/** Plans a job and changes its grants, as the activity does. */
const run = async (job: EntityJob) => {
  await planJob(database.db, job)
  for (const item of await nextJobItems(database.db, job.id, 100))
    if (item.kind === 'grant') await changeGrantOfJob(database.db, job, item.subjectId)
}

const grantTo = async (userId: string, entityId: string, expiresAt: Date | null) => {
  const result = await grantComplimentaryAccess(database.db, {
    ...{ userId, entityId, startsAt: null, expiresAt, reason: 'press', grantedBy: 'root', idempotencyKey: null },
  })
  if (typeof result === 'string') throw new Error(result)
  return result.grant.id
}

test('a canceled entity is no longer sold, and its cancellation lists each sold purchase once', async () => {
  const { db } = database
  const event = await newEvent('canceled-event')
  const [paid, open, disputed, expired] = await Promise.all([1, 2, 3, 4].map(() => insertTestPurchase(db, newUser(), event)))
  await paid?.pay()
  await disputed?.pay()
  await disputed?.apply(disputed.dispute('needs_response', now + 1))
  await expired?.reject()
  const press = await grantTo(newUser(), event.id, null)
  expect(await readEntityHolders(db, event.id)).toMatchObject({ buyers: 1, openCheckouts: 1, disputed: 1, otherGrants: 1 })

  const job = requireJob(await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' }))
  const again = requireJob(await cancelEntity(db, { entityId: event.id, reason: 'other', actor: 'other' }))
  expect(again).toMatchObject({ id: job.id, reason: 'storm' })
  expect(await insertPurchase(db, newPurchase(newUser(), event))).toBeNull()
  await planJob(db, job)
  await planJob(db, { ...job, plannedAt: null })
  const items = await nextJobItems(db, job.id, 100)
  expect(items.map(({ subjectId }) => subjectId).sort()).toEqual([paid?.id, open?.id, disputed?.id, press].sort())
  expect(await cancelEntity(db, { entityId: 'unknown', reason: 'storm', actor: 'root' })).toBeNull()
})

test('a cancellation ends complimentary access, and is in the audit log', async () => {
  const { db } = database
  const event = await newEvent('free-event')
  const id = await grantTo(newUser(), event.id, null)
  const job = requireJob(await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' }))
  await run(job)
  await finishJob(db, job)
  expect(await db.grant.findUnique({ where: { id } })).toMatchObject({ revokedBy: 'root', revokedReason: 'storm' })
  expect(await readCancellation(db, event.id)).toMatchObject({ counts: { total: 1, byOutcome: { revoked: 1 } } })
  const actions = (await db.auditEntry.findMany({ where: { subjectId: event.id } })).map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['entity.canceled', 'entity.cancellation_finished']))
})

test('each pause of a cancellation, and each end of a pause, is in the audit log once; a finished cancellation cannot be paused', async () => {
  const { db } = database
  const event = await newEvent('paused-event')
  const job = requireJob(await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' }))
  const change = (isPaused: boolean, by: string) => setJobPaused(db, job.id, { isPaused, by })
  expect([await change(true, 'root'), await change(true, 'olga')]).toEqual([true, true])
  expect(await findJob(db, job.id)).toMatchObject({ pausedBy: 'root' })
  expect([await change(false, 'olga'), await change(false, 'root')]).toEqual([true, true])
  expect(await findJob(db, job.id)).toMatchObject({ pausedAt: null, pausedBy: null })
  await finishJob(db, job)
  expect(await change(true, 'root')).toBe(false)
  const entries = await db.auditEntry.findMany({
    where: { subjectId: event.id, action: { in: ['entity.cancellation_paused', 'entity.cancellation_resumed'] } },
    orderBy: { id: 'asc' },
    select: { actor: true, action: true },
  })
  expect(entries).toEqual([
    { actor: 'root', action: 'entity.cancellation_paused' },
    { actor: 'olga', action: 'entity.cancellation_resumed' },
  ])
})

test('a payment that arrives after the cancellation is refunded by the purchase itself', async () => {
  const { db } = database
  const event = await newEvent('late-event')
  const purchase = await insertTestPurchase(db, newUser(), event)
  await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' })
  const view = await purchase.pay()
  expect(view.pendingRefundRequestIds).toEqual([cancellationRequestId(event.id)])
  await purchase.pay({ observedAt: now + 1 })
  expect(await purchase.refundRequests()).toMatchObject([{ requestId: `cancel-${event.id}`, amount: 499 }])
  expect(await purchase.notes()).toContainEqual(expect.stringContaining('was canceled before the payment'))
})

test('a payment that arrives after the cancellation has closed the checkout is refunded, and each additional payment once', async () => {
  const { db } = database
  const event = await newEvent('late-closed-event')
  const purchase = await insertTestPurchase(db, newUser(), event)
  await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' })
  await purchase.apply({ ...purchase.session(), status: 'expired', paymentIntentId: null })
  const second = await purchase.pay({ nth: 2 })
  expect(second).toMatchObject({ status: 'Completed', pendingRefundRequestIds: [cancellationRequestId(event.id)] })
  await purchase.pay({ nth: 2, observedAt: now - 1 })
  await purchase.apply(purchase.refund('second', { nth: 2 }))
  // This payment's checkout is older than the refunded payment's checkout, so this payment counts now.
  expect(await purchase.pay({ nth: 0 })).toMatchObject({ status: 'Completed' })
  await purchase.pay({ nth: 0, observedAt: now - 1 })
  expect(await purchase.refundRequests()).toMatchObject([
    { requestId: `cancel-${event.id}`, paymentIntentId: purchase.paymentIntentId(2), amount: 499 },
    { requestId: `cancel-${event.id}-${purchase.paymentIntentId(0)}`, paymentIntentId: purchase.paymentIntentId(0), amount: 499 },
  ])
})

test('payments of a canceled live event that do not match the quote are refunded, whether or not the purchase had ended', async () => {
  const { db } = database
  const event = await newEvent('late-mismatch-event')
  const purchase = await insertTestPurchase(db, newUser(), event)
  await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' })
  await purchase.reject()
  expect(await purchase.pay({ nth: 1, amount: 70 })).toMatchObject({ status: 'Pending' })
  await purchase.apply(purchase.refund('first', { nth: 1, amount: 70 }))
  expect(await purchase.pay({ nth: 2, amount: 80 })).toMatchObject({ status: 'Pending' })
  expect(await purchase.refundRequests()).toMatchObject([
    { requestId: `cancel-${event.id}`, amount: 70 },
    { requestId: `cancel-${event.id}-${purchase.paymentIntentId(2)}`, amount: 80 },
  ])
})

test('a refund of a canceled event that Stripe rejects or that fails immediately raises an alert, unless the payment was already refunded', async () => {
  const { db } = database
  const event = await newEvent('rejected-event')
  await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' })
  const late = async () => {
    const purchase = await insertTestPurchase(db, newUser(), film)
    await db.purchase.update({ where: { id: purchase.id }, data: { entityId: event.id } })
    await purchase.apply({ ...purchase.session(), entityId: event.id }, purchase.payment())
    const requestId = cancellationRequestId(event.id)
    const request = await readRefundRequest(db, purchase.id, requestId)
    if (!('pending' in request) || !('paymentIntentId' in request.pending)) throw new Error('The refund is not pending')
    return { purchase, pending: request.pending }
  }
  const refused = await late()
  expect(await reevaluateRefund(db, refused.pending)).toEqual({ rejected: 'refund_refused' })
  expect(await refused.purchase.openAlertKinds()).toEqual(['refund_refused'])
  const failed = await late()
  await failRefund(db, failed.pending)
  expect(await failed.purchase.openAlertKinds()).toEqual(['refund_refused'])
  const refunded = await late()
  await refunded.purchase.apply(refunded.purchase.refund('dashboard'))
  expect(await reevaluateRefund(db, refunded.pending)).toEqual({ rejected: 'already_refunded' })
  expect(await refunded.purchase.openAlertKinds()).toEqual([])
})

test('a refund that fails after Stripe has accepted it becomes a failed item of the cancellation, even if that is finished', async () => {
  const { db } = database
  const event = await newEvent('failing-event')
  const [purchase, other] = [await insertTestPurchase(db, newUser(), event), await insertTestPurchase(db, newUser(), event)]
  await purchase.pay()
  await other.pay()
  const job = requireJob(await cancelEntity(db, { entityId: event.id, reason: 'storm', actor: 'root' }))
  await planJob(db, job)
  const failed = { ...other.refund('partial', { amount: 100, status: 'failed' }), requestId: 'partial' }
  await other.apply(failed)
  const refund = { ...purchase.refund('canceled'), requestId: cancellationRequestId(event.id) }
  await purchase.apply(refund)
  for (const { id } of [purchase, other]) await saveJobItem(db, { jobId: job.id, subjectId: id }, { outcome: 'refunded' })
  await finishJob(db, job)
  expect(await purchase.apply({ ...refund, status: 'failed', observedAt: now + 1 })).toMatchObject({ status: 'Completed' })
  expect(await readCancellation(db, event.id)).toMatchObject({ counts: { failed: 1, byOutcome: { refunded: 1 } } })
  const items = await readJobItems(db, { jobId: job.id, outcome: 'failed', after: null, limit: 10 })
  expect(items).toMatchObject([{ subjectId: purchase.id, reason: 'refund_failed' }])
})

test('buyers of a container are listed as skipped and are not counted', async () => {
  const { db } = database
  await putEntities(db, [{ id: 'season', type: 'channel', title: 'Season' }], 'root')
  await putEntities(db, [{ id: 'season-event', type: 'video', title: 'Event', memberOf: ['season'] }], 'root')
  const buyer = await insertTestPurchase(db, newUser(), { id: 'season', type: 'channel', title: 'Season' })
  await buyer.pay()
  const job = requireJob(await cancelEntity(db, { entityId: 'season-event', reason: 'storm', actor: 'root' }))
  await planJob(db, job)
  expect(await readCancellation(db, 'season-event')).toMatchObject({
    counts: { total: 0, pending: 0, skippedBy: { container_buyer: 1 } },
  })
})

test('an extension extends each active grant once, even if an item is processed again, and does not change permanent access', async () => {
  const { db } = database
  const event = await newEvent('extended-event')
  const buyer = await insertTestPurchase(db, newUser(), event)
  await buyer.pay()
  const pressUntil = new Date(Date.now() + 5 * day)
  const press = await grantTo(newUser(), event.id, pressUntil)
  const permanent = await grantTo(newUser(), event.id, null)
  const request = { entityId: event.id, days: 2, reason: 'stream failed', actor: 'root', idempotencyKey: 'one' }
  const job = requireJob(await extendEntity(db, request))
  expect(await extendEntity(db, request)).toMatchObject({ id: job.id })
  expect(await extendEntity(db, { ...request, days: 3 })).toBe('conflict')
  await run(job)
  for (const { subjectId } of await db.entityJobItem.findMany({ where: { jobId: job.id } }))
    await changeGrantOfJob(db, job, subjectId)
  const bought = await db.grant.findUniqueOrThrow({ where: { purchaseId: buyer.id } })
  expect(bought.extendedUntil?.getTime()).toBe(bought.startsAt.getTime() + 32 * day)
  expect((await db.grant.findUniqueOrThrow({ where: { id: press } })).expiresAt?.getTime()).toBe(pressUntil.getTime() + 2 * day)
  expect((await db.grant.findUniqueOrThrow({ where: { id: permanent } })).expiresAt).toBeNull()
  expect(await readExtension(db, event.id, job.id)).toMatchObject({
    counts: { total: 3, pending: 0, byOutcome: { extended: 2, unchanged: 1 } },
  })
})

test('a moved date is audited with the number of grants, and writes one job per change', async () => {
  const { db } = database
  const [opening, later] = [new Date(Date.now() + 10 * day), new Date(Date.now() + 20 * day)].map((time) => time.toISOString())
  const event = await newEvent('moved-event', opening ?? null)
  const buyer = await insertTestPurchase(db, newUser(), event)
  await buyer.pay()
  const move = (availableFrom: string | null) =>
    putEntities(db, [{ id: event.id, type: 'video', title: 'Moved', availableFrom }], 'root')
  await move(later ?? null)
  await move(later ?? null)
  const jobs = await db.entityJob.findMany({ where: { entityId: event.id } })
  expect(jobs).toMatchObject([{ kind: 'move', requestedBy: 'root' }])
  const entry = await db.auditEntry.findFirst({ where: { subjectId: event.id, action: 'entity.pre_sold_moved' } })
  expect(entry).toMatchObject({ before: { availableFrom: opening }, after: { availableFrom: later, grants: 1 } })
  const [job] = jobs
  await run(requireJob((job && (await findJob(db, job.id))) ?? null))
  expect(await db.entityJobItem.findMany({ where: { jobId: job?.id ?? '' } })).toMatchObject([{ outcome: 'moved' }])
})

test('erasing a user replaces their name in the reasons of jobs', async () => {
  const { db } = database
  const event = await newEvent('mentioned-event')
  const user = { userId: 'zoe-4711', emails: ['zoe@example.com'] }
  const job = requireJob(await cancelEntity(db, { entityId: event.id, reason: 'asked by zoe@example.com', actor: user.userId }))
  await db.$transaction((tx) => replaceInOperatorRows(tx, user, createPseudonymizer(user, 'P')))
  expect(await findJob(db, job.id)).toMatchObject({ reason: 'asked by P', requestedBy: 'P' })
})
