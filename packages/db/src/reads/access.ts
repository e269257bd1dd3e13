import { type Access, accessAt, type GrantedPeriod, grantToPlay, rentalsAt } from '@pay-to-view/purchase'
import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'

/** A user's access to an entity. `access` is null if the user has no access now and no future access. */
export interface AccessRow {
  entityId: string
  access: Access | null
  /** The user's rentals of the entity, if the user has access now. */
  rentals: ReturnType<typeof rentalsAt>
  /** The purchase that the next playback would use, if that purchase has not been played. Null unless the caller requests it. */
  unplayed: UnplayedPurchase | null
}

/** The data of a purchase that has not been played. It determines whether playback would end the right of withdrawal. */
export interface UnplayedPurchase {
  hasConsent: boolean
  paidAt: Date | null
  /** The time of the read according to Postgres's clock. */
  at: Date
}

interface AccessKey {
  userId: string
  entityId: string
}

/** A user's current and future access periods for an entity, and the time of the read according to Postgres's clock. */
interface CurrentPeriods {
  at: Date
  periods: GrantedPeriod[]
}

type PeriodRow = { position: number; at: Date } & (GrantedPeriod | { grantId: null })

/** Each key takes one index lookup for the entity's containers, and one lookup per container for the user's grants. */
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

type Consent = Omit<UnplayedPurchase, 'at'> & { isPlayed: boolean }

/** For the right of withdrawal, a rental counts as played even if its event was moved to a later date after the playback. */
const loadConsent = batchLoader(100, async (db, ids: readonly string[]): Promise<Consent[]> => {
  const rows = await preparedQuery<Consent & { position: number }>(db)`
    select position::int, consent_version is not null as "hasConsent", completed_at as "paidAt",
      grants.first_played_at is not null as "isPlayed"
    from unnest((select ${[...ids]}::text[])) with ordinality as lookup(id, position) join purchases on purchases.id = lookup.id
    left join grants on grants.purchase_id = purchases.id`
  const results = ids.map((): Consent => ({ hasConsent: false, paidAt: null, isPlayed: false }))
  for (const { position, ...row } of rows) results[position - 1] = row
  return results
})

const readUnplayed = async (db: Db, { at, periods }: CurrentPeriods): Promise<UnplayedPurchase | null> => {
  const grant = grantToPlay(periods, at)
  if (!grant || grant.purchaseId === null || grant.firstPlayedAt !== null) return null
  const { isPlayed, ...purchase } = await loadConsent(db, grant.purchaseId)
  return isPlayed ? null : { ...purchase, at }
}

/**
 * Returns one row per id in the given order; an unknown id has no access. Grants of an entity's containers also give access. With
 * `withUnplayed`, a second query reads the purchases that have not been played.
 */
export const readAccess = (
  db: Db,
  userId: string,
  entityIds: readonly string[],
  { withUnplayed = false } = {},
): Promise<AccessRow[]> =>
  Promise.all(
    entityIds.map(async (entityId) => {
      const current = await readCurrentPeriods(db, userId, entityId)
      const { at, periods } = current
      const unplayed = withUnplayed ? await readUnplayed(db, current) : null
      return { entityId, access: accessAt(periods, at), rentals: rentalsAt(periods, at), unplayed }
    }),
  )
