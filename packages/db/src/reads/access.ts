import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'

/** Whether a user has access to an entity now. `purchaseId` is the purchase that gives it, null without access. */
export interface AccessRow {
  entityId: string
  hasAccess: boolean
  /** Null without access and for permanent access. */
  expiresAt: Date | null
  purchaseId: string | null
  /** When that access began; null without access. */
  startsAt: Date | null
}

interface AccessKey {
  userId: string
  entityId: string
}

/** One index lookup for the containers of the entity, and one for each of them. Uses the clock of Postgres. */
const loadAccess = batchLoader(
  100,
  (db, keys: readonly AccessKey[]): Promise<AccessRow[]> => preparedQuery<AccessRow>(db)`
    select lookup."entityId", active.purchase_id is not null as "hasAccess", active.expires_at as "expiresAt", active.purchase_id as "purchaseId",
      active.granted_at as "startsAt"
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup("userId", "entityId", position)
    left join lateral (
      select purchase_id, expires_at, granted_at
      from active_grants(lookup."userId", lookup."entityId", now())
      order by expires_at desc nulls first, entity_id = lookup."entityId" desc
      limit 1
    ) as active on true
    order by position`,
)

/**
 * Returns one row per id, in the given order; an unknown id has no access. An active grant of a container includes its members. Of
 * several grants the one that lasts longest is returned.
 */
export const readAccess = (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> =>
  Promise.all(entityIds.map((entityId) => loadAccess(db, { userId, entityId })))
