import type { Db } from '../../client.ts'
import { periodOf } from '../grant-times.ts'

/** A grant in the form that an import reads. */
export interface ExportedGrant {
  id: string
  userId: string
  entityId: string
  startsAt: Date
  expiresAt: Date | null
  reference: string
  reason: string | null
}

/**
 * Returns the unrevoked grants after an id, ordered by id, with their actual start and expiry. The reference of a grant that was not
 * imported is the grant's id.
 */
export const readGrantPage = async (db: Db, after: string, limit: number): Promise<ExportedGrant[]> => {
  const rows = await db.grant.findMany({
    where: { id: { gt: after }, revokedAt: null },
    orderBy: { id: 'asc' },
    take: limit,
    include: { entity: { select: { availableFrom: true } } },
  })
  return rows.map(({ entity, ...grant }) => {
    const { id, userId, entityId, reference, reason } = grant
    return { id, userId, entityId, ...periodOf(grant, entity.availableFrom), reference: reference ?? id, reason }
  })
}
