import type { Db } from '../client.ts'
import { type EntityJob, Prisma } from '../generated/client.ts'

/** Rows that one statement reads and writes. */
const chunkSize = 5_000

/** Selects `id`, `kind`, `outcome` and `reason` of items, from a table whose rows have ids. */
interface Source {
  columns: Prisma.Sql
  from: Prisma.Sql
  id: Prisma.Sql
}

const grantId = Prisma.sql`grants.id`

const cancelSources = ({ entityId, createdAt }: EntityJob): Source[] => [
  {
    columns: Prisma.sql`'purchase', 'pending', NULL`,
    from: Prisma.sql`purchases WHERE entity_id = ${entityId} AND status IN ('Pending', 'Completed', 'Disputed')`,
    id: Prisma.sql`purchases.id`,
  },
  {
    columns: Prisma.sql`'grant', 'pending', NULL`,
    from: Prisma.sql`grants WHERE entity_id = ${entityId} AND source <> 'purchase' AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${createdAt})`,
    id: grantId,
  },
  {
    // Their access to the rest of the container continues.
    columns: Prisma.sql`'purchase', 'skipped', 'container_buyer'`,
    from: Prisma.sql`grants JOIN entities ON entities.id = grants.entity_id
      WHERE grants.entity_id IN (SELECT container_id FROM containments WHERE member_id = ${entityId} AND removed_at IS NULL)
        AND grants.source = 'purchase' AND grants.revoked_at IS NULL
        AND coalesce(grant_expires_at(grants, grant_starts_at(grants, entities.available_from)) > ${createdAt}, true)`,
    id: Prisma.sql`grants.purchase_id`,
  },
]

const extendSource = ({ entityId, createdAt }: EntityJob): Source => ({
  columns: Prisma.sql`'grant', CASE WHEN grant_expires_at(grants, grant_starts_at(grants, entities.available_from)) IS NULL THEN 'unchanged' ELSE 'pending' END, NULL`,
  from: Prisma.sql`grants JOIN entities ON entities.id = grants.entity_id
    WHERE grants.entity_id = ${entityId} AND grants.revoked_at IS NULL AND grant_starts_at(grants, entities.available_from) <= ${createdAt}
      AND coalesce(grant_expires_at(grants, grant_starts_at(grants, entities.available_from)) > ${createdAt}, true)`,
  id: grantId,
})

const moveSource = ({ entityId }: EntityJob): Source => ({
  columns: Prisma.sql`'grant', 'pending', NULL`,
  from: Prisma.sql`grants WHERE entity_id = ${entityId} AND pre_sold AND revoked_at IS NULL`,
  id: grantId,
})

const sourcesOf = (job: EntityJob): Source[] => {
  switch (job.kind) {
    case 'cancel':
      return cancelSources(job)
    case 'extend':
      return [extendSource(job)]
    case 'move':
      return [moveSource(job)]
    default:
      return job.kind satisfies never
  }
}

/** Writes the items of a job, in chunks. A repeated call adds the items that an interrupted call left out. */
export const planJob = async (db: Db, job: EntityJob): Promise<void> => {
  if (job.plannedAt !== null) return
  for (const { columns, from, id } of sourcesOf(job)) {
    for (let after: string | null = ''; after !== null; ) {
      const rows: { last: string | null }[] = await db.$queryRaw`
        WITH chunk AS (
          SELECT item.id, item.kind, item.outcome, item.reason FROM (
            SELECT ${id}, ${columns} FROM ${from} AND ${id} > ${after} ORDER BY ${id} LIMIT ${chunkSize}
          ) AS item (id, kind, outcome, reason)
        ), inserted AS (
          INSERT INTO entity_job_items (job_id, subject_id, kind, outcome, reason)
          SELECT ${job.id}, id, kind::entity_job_subject, outcome::entity_job_outcome, reason FROM chunk ON CONFLICT DO NOTHING
        )
        SELECT max(id) AS last FROM chunk`
      after = rows[0]?.last ?? null
    }
  }
  await db.entityJob.updateMany({ where: { id: job.id, plannedAt: null }, data: { plannedAt: new Date() } })
}
