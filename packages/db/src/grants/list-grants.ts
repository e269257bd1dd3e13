import type { GrantSource } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { type GrantDetails, grantColumns, toGrantDetails } from './grant-details.ts'

export interface GrantFilter {
  userId?: string | undefined
  entityId?: string | undefined
  source?: GrantSource | undefined
}

/** Returns at most `limit` grants, newest first, including inactive grants. `before` is the last id of the previous page. */
export const listGrants = async (
  db: Db,
  { userId, entityId, source }: GrantFilter,
  before: string | null,
  limit: number,
): Promise<GrantDetails[]> => {
  const equal = {
    ...(userId !== undefined && { userId }),
    ...(entityId !== undefined && { entityId }),
    ...(source && { source }),
  }
  const rows = await db.grant.findMany({
    // Ids begin with their creation time, so ordering by id orders by age.
    where: { ...equal, ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit,
    select: grantColumns,
  })
  return rows.map(toGrantDetails)
}
