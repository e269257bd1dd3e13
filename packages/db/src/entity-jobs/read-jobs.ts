import type { Db } from '../client.ts'
import type { EntityJob, EntityJobOutcome, Prisma } from '../generated/client.ts'

export interface JobCounts {
  /** The number of items that the job processes; items that are only reported are not included. */
  total: number
  pending: number
  waiting: number
  failed: number
  skipped: number
  byOutcome: Partial<Record<EntityJobOutcome, number>>
  /** The number of skipped items by reason. */
  skippedBy: Partial<Record<string, number>>
}

export const readJobCounts = async (db: Db | Prisma.TransactionClient, jobId: string): Promise<JobCounts> => {
  const rows = await db.$queryRaw<{ outcome: EntityJobOutcome; reason: string | null; count: number }[]>`
    SELECT outcome::text, CASE WHEN outcome = 'skipped' THEN reason END AS reason, count(*)::int AS count FROM entity_job_items
    WHERE job_id = ${jobId} GROUP BY 1, 2`
  const byOutcome: JobCounts['byOutcome'] = {}
  const skippedBy: JobCounts['skippedBy'] = {}
  for (const { outcome, reason, count } of rows) {
    byOutcome[outcome] = (byOutcome[outcome] ?? 0) + count
    if (reason !== null) skippedBy[reason] = count
  }
  const { pending = 0, waiting = 0, failed = 0, skipped = 0 } = byOutcome
  const all = rows.reduce((sum, { count }) => sum + count, 0)
  const total = all - (skippedBy.container_buyer ?? 0)
  return { total, pending, waiting, failed, skipped, byOutcome, skippedBy }
}

export interface JobWithCounts {
  job: EntityJob
  counts: JobCounts
}

const withCounts = async (db: Db, job: EntityJob | null): Promise<JobWithCounts | null> =>
  job && { job, counts: await readJobCounts(db, job.id) }

export const readCancellation = async (db: Db, entityId: string): Promise<JobWithCounts | null> =>
  withCounts(db, await db.entityJob.findFirst({ where: { entityId, kind: 'cancel' } }))

export const readExtension = async (db: Db, entityId: string, id: string): Promise<JobWithCounts | null> =>
  withCounts(db, await db.entityJob.findFirst({ where: { id, entityId, kind: 'extend' } }))

/** Returns the latest extensions of an entity, newest first. */
export const readExtensions = async (db: Db, entityId: string, limit: number): Promise<JobWithCounts[]> => {
  const jobs = await db.entityJob.findMany({ where: { entityId, kind: 'extend' }, orderBy: { id: 'desc' }, take: limit })
  const found: JobWithCounts[] = []
  for (const job of jobs) found.push({ job, counts: await readJobCounts(db, job.id) })
  return found
}

export interface JobItemRow {
  subjectId: string
  kind: 'purchase' | 'grant'
  outcome: EntityJobOutcome
  reason: string | null
  userId: string | null
  updatedAt: Date
}

/** Returns a job's items with the given outcome, ordered by id. Each item includes the user's id. */
export const readJobItems = (
  db: Db,
  { jobId, outcome, after, limit }: { jobId: string; outcome: EntityJobOutcome; after: string | null; limit: number },
): Promise<JobItemRow[]> =>
  db.$queryRaw`
    SELECT subject_id AS "subjectId", kind::text, outcome::text, item.reason, coalesce(purchases.user_id, grants.user_id) AS "userId",
      item.updated_at AS "updatedAt"
    FROM (
      SELECT * FROM entity_job_items
      WHERE job_id = ${jobId} AND outcome = ${outcome}::entity_job_outcome AND subject_id > ${after ?? ''} ORDER BY subject_id LIMIT ${limit}
    ) AS item
    LEFT JOIN purchases ON item.kind = 'purchase' AND purchases.id = item.subject_id
    LEFT JOIN grants ON item.kind = 'grant' AND grants.id = item.subject_id
    ORDER BY subject_id`

/** The numbers of purchases and grants that canceling an entity, extending access to it or moving its date would affect now. */
export interface EntityHolders {
  /** The number of payments to refund and free orders to take back. */
  buyers: number
  openCheckouts: number
  /** The number of complimentary and imported grants. */
  otherGrants: number
  disputed: number
  preSold: number
  /** The number of active grants. An extension would extend them, except for permanent grants. */
  active: number
}

export const readEntityHolders = async (db: Db, entityId: string): Promise<EntityHolders> => {
  const [row] = await db.$queryRaw<EntityHolders[]>`
    SELECT
      (SELECT count(*)::int FROM purchases WHERE entity_id = ${entityId} AND status = 'Completed') AS buyers,
      (SELECT count(*)::int FROM purchases WHERE entity_id = ${entityId} AND status = 'Pending') AS "openCheckouts",
      (SELECT count(*)::int FROM purchases WHERE entity_id = ${entityId} AND status = 'Disputed') AS disputed,
      (count(*) FILTER (WHERE source <> 'purchase'))::int AS "otherGrants",
      (count(*) FILTER (WHERE pre_sold))::int AS "preSold",
      (count(*) FILTER (WHERE starts_at <= now()))::int AS active
    FROM (
      SELECT grants.source, grants.pre_sold, grant_starts_at(grants, entities.available_from) AS starts_at
      FROM grants JOIN entities ON entities.id = grants.entity_id
      WHERE grants.entity_id = ${entityId} AND revoked_at IS NULL
        AND coalesce(grant_expires_at(grants, grant_starts_at(grants, entities.available_from)) > now(), true)
    ) AS active_grants`
  if (!row) throw new Error('Postgres returned no counts')
  return row
}
