import type { Prisma } from '../generated/client.ts'
import { canBeCanceled, recordCanceledEmails } from './plan-job.ts'

/**
 * Adds imported purchases of canceled entities to the cancellations, which refund or close them, and notifies their buyers. A finished
 * cancellation is reopened: the reconciler starts its workflow again. Returns the ids of the added purchases.
 */
export const addToCancellations = async (
  tx: Prisma.TransactionClient,
  purchases: readonly { id: string; entityId: string }[],
): Promise<string[]> => {
  const entityIds = purchases.map(({ entityId }) => entityId)
  // While this lock is held, the job cannot be finished, so no job is finished with pending items.
  const jobs = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM entity_jobs WHERE kind = 'cancel' AND entity_id = ANY (${entityIds}) ORDER BY id FOR UPDATE`
  if (jobs.length === 0) return []
  const added = await tx.$queryRaw<{ id: string; jobId: string }[]>`
    INSERT INTO entity_job_items (job_id, subject_id, kind)
    SELECT entity_jobs.id, purchases.id, 'purchase' FROM purchases JOIN entity_jobs USING (entity_id)
    WHERE entity_jobs.id = ANY (${jobs.map(({ id }) => id)}) AND purchases.id = ANY (${purchases.map(({ id }) => id)}) AND ${canBeCanceled}
    ON CONFLICT DO NOTHING RETURNING subject_id AS id, job_id AS "jobId"`
  const jobIds = [...new Set(added.map(({ jobId }) => jobId))]
  await tx.entityJob.updateMany({ where: { id: { in: jobIds } }, data: { finishedAt: null } })
  const ids = added.map(({ id }) => id)
  if (ids.length > 0) await recordCanceledEmails(tx, ids)
  return ids
}
