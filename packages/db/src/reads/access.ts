import { type Access, accessAt, type GrantedPeriod, rentalsAt } from '@pay-to-view/purchase'
import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'

/** A user's access to an entity: null if there is none, now or later. */
export interface AccessRow {
  entityId: string
  access: Access | null
  /** The user's rentals of the entity, if the user has access now. */
  rentals: ReturnType<typeof rentalsAt>
}

interface AccessKey {
  userId: string
  entityId: string
}

/** The user's current and future periods of access to an entity, and the time of the read by Postgres's clock. */
interface CurrentPeriods {
  at: Date
  periods: GrantedPeriod[]
}

type PeriodRow = { position: number; at: Date } & (GrantedPeriod | { grantId: null })

/** Needs one index lookup for the entity's containers, and one per container for its grants. */
const loadPeriods = batchLoader(100, async (db, keys: readonly AccessKey[]): Promise<CurrentPeriods[]> => {
  const rows = await preparedQuery<PeriodRow>(db)`
    select position::int, now() as at, period.grant_id as "grantId", period.source::text, period.purchase_id as "purchaseId",
      period.watch_within_hours as "watchWithinHours", period.first_played_at as "firstPlayedAt", period.starts_at as "startsAt",
      period.expires_at as "expiresAt"
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup("userId", "entityId", position)
    left join lateral access_periods(lookup."userId", lookup."entityId", now()) as period on true`
  const results = keys.map((): CurrentPeriods => ({ at: rows[0]?.at ?? new Date(), periods: [] }))
  for (const { position, at: _, ...period } of rows) if (period.grantId !== null) results[position - 1]?.periods.push(period)
  return results
})

export const readCurrentPeriods = (db: Db, userId: string, entityId: string): Promise<CurrentPeriods> =>
  loadPeriods(db, { userId, entityId })

/**
 * Returns one row per id, in the given order; an unknown id has no access. Grants of an entity's containers count as well.
 */
export const readAccess = (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> =>
  Promise.all(
    entityIds.map(async (entityId) => {
      const { at, periods } = await readCurrentPeriods(db, userId, entityId)
      return { entityId, access: accessAt(periods, at), rentals: rentalsAt(periods, at) }
    }),
  )
