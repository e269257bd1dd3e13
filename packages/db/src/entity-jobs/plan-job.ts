import type { Db } from '../client.ts'
import { type EntityJob, Prisma } from '../generated/client.ts'
import { canceledEmail, memberCanceledEmail } from '../outbox/email-messages.ts'
import { recordMessages } from '../outbox/record-messages.ts'

/** The maximum number of rows that one statement reads and writes. */
const chunkSize = 5_000

/** A query for job items. It selects `id`, `kind`, `outcome` and `reason` from a table whose rows have ids. */
interface Source {
  columns: Prisma.Sql
  from: Prisma.Sql
  id: Prisma.Sql
}

const grantId = Prisma.sql`grants.id`

/** Whether a purchase was paid or can still be paid. */
export const canBeCanceled = Prisma.sql`purchases.status IN ('Pending', 'Completed', 'Disputed')`

const cancelSources = ({ entityId, createdAt }: EntityJob): Source[] => [
  {
    columns: Prisma.sql`'purchase', 'pending', NULL`,
    from: Prisma.sql`purchases WHERE entity_id = ${entityId} AND ${canBeCanceled}`,
    id: Prisma.sql`purchases.id`,
  },
  {
    columns: Prisma.sql`'grant', 'pending', NULL`,
    from: Prisma.sql`grants WHERE entity_id = ${entityId} AND source <> 'purchase' AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${createdAt})`,
    id: grantId,
  },
  {
    // Buyers of a container keep access to the other members, so these purchases are only reported.
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

/**
 * Records e-mails to the buyers of a canceled entity. Buyers with an open checkout or a disputed payment get no e-mail, because they get no
 * refund.
 */
export const recordCanceledEmails = (tx: Prisma.TransactionClient, purchaseIds: readonly string[]): Promise<void> =>
  recordMessages(tx, async () => {
    const where = { id: { in: [...purchaseIds] }, status: 'Completed' as const }
    const select = { id: true, userId: true, amountPaid: true, amountRefunded: true }
    const buyers = await tx.purchase.findMany({ where, select })
    return buyers.flatMap(({ id: purchaseId, userId, amountPaid, amountRefunded }) =>
      canceledEmail({ userId, purchaseId }, amountPaid - amountRefunded),
    )
  })

/** Records e-mails to the buyers of the entity's containers, who keep access to the other members. */
const recordMemberCanceledEmails = (
  tx: Prisma.TransactionClient,
  entityId: string,
  purchaseIds: readonly string[],
): Promise<void> =>
  recordMessages(tx, async () => {
    const buyers = await tx.purchase.findMany({ where: { id: { in: [...purchaseIds] } }, select: { id: true, userId: true } })
    return buyers.flatMap(({ id: purchaseId, userId }) => memberCanceledEmail({ userId, purchaseId }, entityId))
  })

/** Writes the items after the given id. Returns the last id, or null if there were no more items. */
const planChunk = (db: Db, job: EntityJob, { columns, from, id }: Source, after: string): Promise<string | null> =>
  db.$transaction(
    async (tx) => {
      const [row] = await tx.$queryRaw<{ last: string | null; purchaseIds: string[]; containerPurchaseIds: string[] }[]>`
        WITH chunk AS (
          SELECT item.id, item.kind, item.outcome, item.reason FROM (
            SELECT ${id}, ${columns} FROM ${from} AND ${id} > ${after} ORDER BY ${id} LIMIT ${chunkSize}
          ) AS item (id, kind, outcome, reason)
        ), inserted AS (
          INSERT INTO entity_job_items (job_id, subject_id, kind, outcome, reason)
          SELECT ${job.id}, id, kind::entity_job_subject, outcome::entity_job_outcome, reason FROM chunk ON CONFLICT DO NOTHING
          RETURNING subject_id, kind, outcome
        )
        SELECT (SELECT max(id) FROM chunk) AS last,
          coalesce((SELECT array_agg(subject_id) FROM inserted WHERE kind = 'purchase' AND outcome = 'pending'), '{}') AS "purchaseIds",
          coalesce((SELECT array_agg(subject_id) FROM inserted WHERE kind = 'purchase' AND outcome = 'skipped'), '{}') AS "containerPurchaseIds"`
      if (job.kind === 'cancel' && row) {
        if (row.purchaseIds.length > 0) await recordCanceledEmails(tx, row.purchaseIds)
        if (row.containerPurchaseIds.length > 0) await recordMemberCanceledEmails(tx, job.entityId, row.containerPurchaseIds)
      }
      return row?.last ?? null
    },
    { timeout: 60_000 },
  )

/** Writes the items of a job in chunks. A repeated call adds the items that an interrupted call has not written. */
export const planJob = async (db: Db, job: EntityJob): Promise<void> => {
  if (job.plannedAt !== null) return
  for (const source of sourcesOf(job)) {
    for (let after: string | null = ''; after !== null; ) after = await planChunk(db, job, source, after)
  }
  await db.entityJob.updateMany({ where: { id: job.id, plannedAt: null }, data: { plannedAt: new Date() } })
}
