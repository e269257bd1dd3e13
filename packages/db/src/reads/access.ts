import { type Access, accessAt, type GrantedPeriod } from '@pay-to-view/purchase'
import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'

/** A user's access to an entity: null if nothing gives it now or later. */
export interface AccessRow {
  entityId: string
  access: Access | null
}

interface AccessKey {
  userId: string
  entityId: string
}

type PeriodRow = { position: number; at: Date } & (GrantedPeriod | { grantId: null })

/** One index lookup for the containers of the entity, and one for the grants of each. Uses the clock of Postgres. */
const loadAccess = batchLoader(100, async (db, keys: readonly AccessKey[]): Promise<AccessRow[]> => {
  const rows = await preparedQuery<PeriodRow>(db)`
    select position::int, now() as at, period.grant_id as "grantId", period.source::text, period.purchase_id as "purchaseId",
      period.watch_within_hours as "watchWithinHours", period.first_played_at as "firstPlayedAt", period.starts_at as "startsAt",
      period.expires_at as "expiresAt"
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup("userId", "entityId", position)
    left join lateral access_periods(lookup."userId", lookup."entityId", now()) as period on true`
  const periods: GrantedPeriod[][] = keys.map(() => [])
  for (const { position, at: _, ...period } of rows) if (period.grantId !== null) periods[position - 1]?.push(period)
  const at = rows[0]?.at ?? new Date()
  return keys.map(({ entityId }, index) => ({ entityId, access: accessAt(periods[index] ?? [], at) }))
})

/**
 * Returns one row per id, in the given order; an unknown id has no access. The grants of its containers include an entity.
 */
export const readAccess = (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> =>
  Promise.all(entityIds.map((entityId) => loadAccess(db, { userId, entityId })))
