import { lockUser, newGrantId } from '../access.ts'
import { lockEntities } from '../catalog/lock-entities.ts'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import { recordGrantChange } from './change-grant.ts'
import { type GrantDetails, grantColumns, toGrantDetails } from './grant-details.ts'

export interface ComplimentaryGrant {
  userId: string
  entityId: string
  /** If null, access starts now. */
  startsAt: Date | null
  /** If null, access is permanent. */
  expiresAt: Date | null
  reason: string
  /** The id of the admin or of the API key. */
  grantedBy: string
  /** A repeated request with the same key creates no second grant. */
  idempotencyKey: string | null
}

export type ComplimentaryResult =
  | { grant: GrantDetails }
  | 'entity_not_found'
  /** The idempotency key was used for another grant. */
  | 'conflict'

/** Returns the result of a repeated request; null if the request is new. */
export const findRepeatedGrant = async (db: Db, requested: ComplimentaryGrant): Promise<ComplimentaryResult | null> => {
  const { grantedBy, idempotencyKey, userId, entityId, startsAt, expiresAt, reason } = requested
  if (idempotencyKey === null) return null
  const row = await db.grant.findUnique({
    where: { grantedBy_idempotencyKey: { grantedBy, idempotencyKey } },
    select: { ...grantColumns, grantedFrom: true, grantedUntil: true },
  })
  if (!row) return null
  const isEqual =
    row.userId === userId &&
    row.entityId === entityId &&
    row.reason === reason &&
    row.grantedUntil?.getTime() === expiresAt?.getTime() &&
    row.grantedFrom?.getTime() === startsAt?.getTime()
  return isEqual ? { grant: toGrantDetails(row) } : 'conflict'
}

/** Gives a user access without a purchase. */
export const grantComplimentaryAccess = async (db: Db, requested: ComplimentaryGrant): Promise<ComplimentaryResult> => {
  const repetition = await findRepeatedGrant(db, requested)
  if (repetition) return repetition
  const { userId, entityId, expiresAt, reason, grantedBy, idempotencyKey } = requested
  try {
    return await db.$transaction(async (tx) => {
      await lockUser(tx, userId)
      const [entity] = await lockEntities(tx, [entityId])
      if (!entity) return 'entity_not_found'
      const startsAt = requested.startsAt ?? new Date()
      const after = await tx.grant.create({
        data: {
          ...{
            id: newGrantId(),
            source: 'complimentary',
            userId,
            entityId,
            startsAt,
            expiresAt,
            reason,
            grantedBy,
            idempotencyKey,
          },
          grantedFrom: requested.startsAt,
          grantedUntil: expiresAt,
        },
        select: grantColumns,
      })
      return { grant: await recordGrantChange(tx, 'access.granted', { before: null, after, by: grantedBy }) }
    })
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error
    const concurrent = error.code === 'P2002' ? await findRepeatedGrant(db, requested) : null
    if (concurrent) return concurrent
    throw error
  }
}
