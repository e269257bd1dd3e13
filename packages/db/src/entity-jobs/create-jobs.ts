import { prefixes } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import type { EntityJob, Prisma } from '../generated/client.ts'

export const newJobId = (): string => typeid(prefixes.job).toString()

export interface CancelRequest {
  entityId: string
  reason: string
  /** The actor named in the audit log and in the refund requests. */
  actor: string
}

/**
 * Stops the sale of an entity and writes the job that refunds the buyers. A repeated call returns the same job with the first call's
 * reason. Returns null if the entity does not exist. The caller starts the job's workflow after the commit.
 */
export const cancelEntity = (db: Db, { entityId, reason, actor }: CancelRequest): Promise<EntityJob | null> =>
  db.$transaction(async (tx) => {
    // Taking the lock waits for purchases that are being inserted. Later purchases see that the entity is canceled.
    const entity = await tx.$queryRaw<{ canceledAt: Date | null }[]>`
      SELECT canceled_at AS "canceledAt" FROM entities WHERE id = ${entityId} FOR NO KEY UPDATE`
    if (entity.length === 0) return null
    const known = await tx.entityJob.findFirst({ where: { entityId, kind: 'cancel' } })
    if (known) return known
    const job = await tx.entityJob.create({ data: { id: newJobId(), kind: 'cancel', entityId, reason, requestedBy: actor } })
    await tx.entity.update({ where: { id: entityId }, data: { canceledAt: job.createdAt }, select: { id: true } })
    const after = { reason, canceledAt: job.createdAt.toISOString() }
    await recordAudit(tx, { actor, action: 'entity.canceled', subjectId: entityId, before: { canceledAt: null }, after })
    return job
  })

export interface ExtendRequest extends CancelRequest {
  days: number
  idempotencyKey: string | null
}

/**
 * Writes the job that extends the active access to an entity. A repeated request with the same key returns the same job, or `conflict` if
 * the request differs. Returns null if the entity does not exist.
 */
export const extendEntity = (
  db: Db,
  { entityId, days, reason, actor, idempotencyKey }: ExtendRequest,
): Promise<EntityJob | 'conflict' | null> =>
  db.$transaction(async (tx) => {
    const entity = await tx.entity.findUnique({ where: { id: entityId }, select: { id: true } })
    if (!entity) return null
    const data = { id: newJobId(), kind: 'extend' as const, entityId, days, reason, requestedBy: actor, idempotencyKey }
    const { count } = await tx.entityJob.createMany({ data: [data], skipDuplicates: true })
    if (count === 0) {
      const key = { requestedBy: actor, idempotencyKey: idempotencyKey ?? '' }
      const known = await tx.entityJob.findUniqueOrThrow({ where: { requestedBy_idempotencyKey: key } })
      const isSame = known.kind === 'extend' && known.entityId === entityId && known.days === days && known.reason === reason
      return isSame ? known : 'conflict'
    }
    await recordAudit(tx, {
      ...{ actor, action: 'entity.access_extended', subjectId: entityId, before: null },
      after: { jobId: data.id, days, reason },
    })
    return tx.entityJob.findUniqueOrThrow({ where: { id: data.id } })
  })

/** Counts the grants that start at an entity's `availableFrom` because they were sold before that time. */
export const countPreSold = (db: Db | Prisma.TransactionClient, entityId: string): Promise<number> =>
  db.grant.count({ where: { entityId, preSold: true, revokedAt: null } })

interface MovedDate {
  entityId: string
  before: string | null
  after: string | null
}

/**
 * Must be called in the transaction that changes the entities' `availableFrom`. After the commit, pre-sold grants start at the new date.
 * This function writes the job that sends messages about these grants, and notifies open pages to check access again.
 */
export const recordMovedDates = async (
  tx: Prisma.TransactionClient,
  moved: readonly MovedDate[],
  actor: string,
): Promise<void> => {
  for (const { entityId, before, after } of moved) {
    await tx.$executeRaw`SELECT pg_notify('access', ${JSON.stringify({ entityId })})`
    const grants = await countPreSold(tx, entityId)
    if (grants === 0) continue
    await tx.entityJob.create({ data: { id: newJobId(), kind: 'move', entityId, requestedBy: actor } })
    await recordAudit(tx, {
      ...{ actor, action: 'entity.pre_sold_moved', subjectId: entityId },
      before: { availableFrom: before },
      after: { availableFrom: after, grants },
    })
  }
}
