import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { conditionResolvedAt, openConditionAlert } from '../condition-alerts.ts'
import type { EntityJob, EntityJobItem, EntityJobOutcome, Prisma } from '../generated/client.ts'
import { readJobCounts } from './read-jobs.ts'

export type { EntityJob, EntityJobItem, EntityJobKind, EntityJobOutcome } from '../generated/client.ts'

export const findJob = (db: Db, id: string): Promise<EntityJob | null> => db.entityJob.findUnique({ where: { id } })

/** Returns unfinished jobs, oldest first. Each job should have a running workflow. */
export const unfinishedJobs = (db: Db, limit: number): Promise<EntityJob[]> =>
  db.entityJob.findMany({ where: { finishedAt: null }, orderBy: { createdAt: 'asc' }, take: limit })

/** Returns the jobs that were written when `availableFrom` changed and that no workflow has started to process. */
export const findUnstartedMoves = (db: Db, entityIds: readonly string[]): Promise<EntityJob[]> =>
  db.entityJob.findMany({ where: { kind: 'move', entityId: { in: [...entityIds] }, plannedAt: null } })

/** Returns a job's next pending items. Items with failed attempts come last. */
export const nextJobItems = (db: Db, jobId: string, limit: number): Promise<EntityJobItem[]> =>
  db.entityJobItem.findMany({
    where: { jobId, outcome: 'pending' },
    orderBy: [{ attempts: 'asc' }, { subjectId: 'asc' }],
    take: limit,
  })

/** Stores the outcome of an item, or the number of failed attempts if the item stays `pending`. */
export const saveJobItem = async (
  db: Db,
  { jobId, subjectId }: Pick<EntityJobItem, 'jobId' | 'subjectId'>,
  { outcome, reason = null, attempts }: { outcome: EntityJobOutcome; reason?: string | null; attempts?: number },
): Promise<void> => {
  await db.entityJobItem.updateMany({
    where: { jobId, subjectId, outcome: 'pending' },
    data: { outcome, reason, ...(attempts !== undefined && { attempts }), updatedAt: new Date() },
  })
}

/** Makes waiting items pending again if their delayed payments have settled. */
export const releaseSettledItems = async (db: Db, jobId: string): Promise<void> => {
  await db.$executeRaw`
    UPDATE entity_job_items SET outcome = 'pending', updated_at = clock_timestamp() FROM purchases
    WHERE job_id = ${jobId} AND outcome = 'waiting' AND purchases.id = subject_id AND NOT (purchases.status = 'Pending' AND purchases.processing)`
}

const pauseActions = {
  cancel: { paused: 'entity.cancellation_paused', resumed: 'entity.cancellation_resumed' },
  extend: { paused: 'entity.extension_paused', resumed: 'entity.extension_resumed' },
  move: { paused: 'entity.move_paused', resumed: 'entity.move_resumed' },
} as const

/** Pauses or resumes a job, and records the change in the audit log. Returns false if the job does not exist or is finished. */
export const setJobPaused = async (db: Db, id: string, { isPaused, by }: { isPaused: boolean; by: string }): Promise<boolean> =>
  db.$transaction(async (tx) => {
    const [job] = await tx.entityJob.updateManyAndReturn({
      where: { id, finishedAt: null, pausedAt: isPaused ? null : { not: null } },
      data: isPaused ? { pausedAt: new Date(), pausedBy: by } : { pausedAt: null, pausedBy: null },
    })
    if (!job) return (await tx.entityJob.count({ where: { id, finishedAt: null } })) > 0
    const action = pauseActions[job.kind][isPaused ? 'paused' : 'resumed']
    await recordAudit(tx, { actor: by, action, subjectId: job.entityId, before: null, after: { jobId: id } })
    return true
  })

const finishedActions = {
  cancel: 'entity.cancellation_finished',
  extend: 'entity.extension_finished',
  move: 'entity.move_finished',
} as const

/** Finishes a job unless it has items left to process, and raises an alert if some of its items failed. */
export const finishJob = (db: Db, job: EntityJob): Promise<void> =>
  db.$transaction(async (tx) => {
    // An import that adds items locks the job too. Either its items are counted here, or the import reopens the finished job.
    await tx.$executeRaw`SELECT FROM entity_jobs WHERE id = ${job.id} FOR UPDATE`
    const { pending, waiting, failed, total, byOutcome } = await readJobCounts(tx, job.id)
    if (pending + waiting > 0) return
    const data = { finishedAt: new Date(), pausedAt: null, pausedBy: null }
    const { count } = await tx.entityJob.updateMany({ where: { id: job.id, finishedAt: null }, data })
    if (count === 0) return
    await alertAboutFailures(tx, job, { failed, total })
    await recordAudit(tx, {
      ...{ actor: job.requestedBy, action: finishedActions[job.kind], subjectId: job.entityId, before: null },
      after: { jobId: job.id, total, failed, ...byOutcome },
    })
  })

/** Raises the alert about items that have failed since an operator last resolved it. */
const alertAboutFailures = async (
  tx: Prisma.TransactionClient,
  { id: jobId, kind, entityId }: EntityJob,
  counts: { failed: number; total: number },
): Promise<void> => {
  const alertKind = `${kind}_incomplete`
  const resolvedAt = await conditionResolvedAt(tx, alertKind, jobId)
  const where = { jobId, outcome: 'failed' as const, ...(resolvedAt && { updatedAt: { gt: resolvedAt } }) }
  if ((await tx.entityJobItem.count({ where })) > 0) await openConditionAlert(tx, alertKind, jobId, { entityId, ...counts })
}
