import {
  cancelEntity,
  type EntityJob,
  grantComplimentaryAccess,
  insertPurchase,
  newPurchaseId,
  putEntities,
  readCancellation,
  setJobPaused,
} from '@pay-to-view/db'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import type { EntityJobProgress } from '@pay-to-view/workflow-client/types'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEntityJobActivities } from '../activities/entity-job.ts'

let database: Database
beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

/** Processes batches of a job directly, without Temporal. Returns the last error of each batch. */
const processBatches = async (job: EntityJob, batches: number, cancellationsPerSecond = 1_000) => {
  const client = createTemporalClient({ address: '127.0.0.1:1', namespace: 'default', tls: false })
  const purchases = createPurchaseClient({ client, taskQueue: 'none', updateTimeoutMs: 100, closeTimeoutMs: 100 })
  const activities = createEntityJobActivities({ db: database.db, purchases, cancellationsPerSecond })
  const lastErrors: (string | null)[] = []
  try {
    for (let batch = 0; batch < batches; batch++) {
      const progress: EntityJobProgress = await new MockActivityEnvironment().run(() => activities.processEntityJob(job.id))
      lastErrors.push(progress.lastError)
    }
    return lastErrors
  } finally {
    await client.connection.close()
  }
}

const requireJob = (job: EntityJob | null): EntityJob => {
  if (!job) throw new Error('There is no job')
  return job
}

const insertOpenPurchase = async (entity: { id: string; type: 'video'; title: string }, userId: string) => {
  const product = { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 }
  const checkout = { checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: `cus_${userId}` }
  await insertPurchase(database.db, { id: newPurchaseId(), userId, entity, product, ...checkout })
}

test('a purchase of a canceled live event never counts as failed while Temporal is unavailable', async () => {
  const { db } = database
  const entity = { id: 'outage-event', type: 'video' as const, title: 'Event' }
  await putEntities(db, [entity], 'root')
  await insertOpenPurchase(entity, 'buyer')
  const job = requireJob(await cancelEntity(db, { entityId: entity.id, reason: 'storm', actor: 'root' }))
  expect(await processBatches(job, 7)).toEqual(Array.from({ length: 7 }, () => expect.any(String)))
  expect(await readCancellation(db, entity.id)).toMatchObject({ counts: { pending: 1, failed: 0 } })
})

test('a pause also stops the purchases that are waiting for the rate limit', async () => {
  const { db } = database
  const entity = { id: 'paused-event', type: 'video' as const, title: 'Event' }
  await putEntities(db, [entity], 'root')
  for (const buyer of ['paused-1', 'paused-2']) await insertOpenPurchase(entity, buyer)
  const job = requireJob(await cancelEntity(db, { entityId: entity.id, reason: 'storm', actor: 'root' }))
  // The second purchase waits for five seconds.
  const batch = processBatches(job, 1, 0.2)
  const attempted = () => db.entityJobItem.count({ where: { jobId: job.id, attempts: { gt: 0 } } })
  await expect.poll(attempted, { timeout: 10_000 }).toBe(1)
  await setJobPaused(db, job.id, { isPaused: true, by: 'root' })
  await batch
  expect(await attempted()).toBe(1)
})

test('a grant that cannot be changed is reported, and does not prevent the job from finishing', async () => {
  const { db } = database
  const expiresAt = new Date(Date.now() + 86_400_000)
  const grant = { userId: 'press', entityId: seedIds.film, startsAt: null, expiresAt, reason: 'press', grantedBy: 'root' }
  await grantComplimentaryAccess(db, { ...grant, idempotencyKey: null })
  // Postgres rejects every attempt.
  await db.$executeRaw`ALTER TABLE grants ADD CONSTRAINT test_expiry CHECK (expires_at < '2100-01-01')`
  const job = { id: 'job_1', kind: 'extend' as const, entityId: seedIds.film, days: 36_500, requestedBy: 'root' }
  const lastErrors = await processBatches(await db.entityJob.create({ data: job }), 5)
  expect(lastErrors.map((error) => error !== null)).toEqual([true, true, true, true, false])
  expect(await db.entityJob.findUnique({ where: { id: job.id } })).toMatchObject({ finishedAt: expect.any(Date) })
  expect(await db.entityJobItem.findMany({ where: { jobId: job.id } })).toMatchObject([{ outcome: 'failed', attempts: 5 }])
  expect(await db.alert.count({ where: { kind: 'extend_incomplete', resolvedAt: null } })).toBe(1)
})
