import {
  cancelEntity,
  type EntityJob,
  grantComplimentaryAccess,
  insertPurchase,
  newPurchaseId,
  putEntities,
  readCancellation,
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

/** Processes batches of a job directly, without Temporal. */
const processBatches = async (job: EntityJob, batches: number) => {
  const client = createTemporalClient({ address: '127.0.0.1:1', namespace: 'default', tls: false })
  const purchases = createPurchaseClient({ client, taskQueue: 'none', updateTimeoutMs: 100, closeTimeoutMs: 100 })
  const activities = createEntityJobActivities({ db: database.db, purchases, cancellationsPerSecond: 1_000 })
  try {
    for (let batch = 0; batch < batches; batch++) {
      const progress: EntityJobProgress = await new MockActivityEnvironment().run(() => activities.processEntityJob(job.id))
      expect(progress.lastError).not.toBeNull()
    }
  } finally {
    await client.connection.close()
  }
}

const requireJob = (job: EntityJob | null): EntityJob => {
  if (!job) throw new Error('There is no job')
  return job
}

test('a purchase of a canceled live event never counts as failed while Temporal is unavailable', async () => {
  const { db } = database
  const entity = { id: 'outage-event', type: 'video' as const, title: 'Event' }
  await putEntities(db, [entity], 'root')
  const id = newPurchaseId()
  const product = { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 }
  const checkout = { checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: 'cus_1' }
  await insertPurchase(db, { id, userId: 'buyer', entity, product, ...checkout })
  const job = requireJob(await cancelEntity(db, { entityId: entity.id, reason: 'storm', actor: 'root' }))
  await processBatches(job, 7)
  expect(await readCancellation(db, entity.id)).toMatchObject({ counts: { pending: 1, failed: 0 } })
})

test('a grant that cannot be changed is reported, and does not prevent the job from finishing', async () => {
  const { db } = database
  const expiresAt = new Date(Date.now() + 86_400_000)
  const grant = { userId: 'press', entityId: seedIds.film, startsAt: null, expiresAt, reason: 'press', grantedBy: 'root' }
  await grantComplimentaryAccess(db, { ...grant, idempotencyKey: null })
  // Dates cannot be this far in the future, so every attempt fails.
  const job = { id: 'job_1', kind: 'extend' as const, entityId: seedIds.film, days: 200_000_000, requestedBy: 'root' }
  await processBatches(await db.entityJob.create({ data: job }), 5)
  expect(await db.entityJob.findUnique({ where: { id: job.id } })).toMatchObject({ finishedAt: expect.any(Date) })
  expect(await db.entityJobItem.findMany({ where: { jobId: job.id } })).toMatchObject([{ outcome: 'failed', attempts: 5 }])
  expect(await db.alert.count({ where: { kind: 'extend_incomplete', resolvedAt: null } })).toBe(1)
})
