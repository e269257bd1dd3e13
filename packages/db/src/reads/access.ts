import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'

/** Whether a user has access to an entity now. `purchaseId` is the purchase that gives it, null without access. */
export interface AccessRow {
  entityId: string
  hasAccess: boolean
  /** Null without access and for permanent access. */
  expiresAt: Date | null
  purchaseId: string | null
}

interface AccessKey {
  userId: string
  entityId: string
}

/** Two index lookups per key. Uses the clock of Postgres. */
const loadAccess = batchLoader(
  100,
  (db, keys: readonly AccessKey[]): Promise<AccessRow[]> => preparedQuery<AccessRow>(db)`
    select lookup."entityId", active.purchase_id is not null as "hasAccess", active.expires_at as "expiresAt", active.purchase_id as "purchaseId"
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup("userId", "entityId", position)
    left join lateral (
      select grants.purchase_id, grants.expires_at
      from grants
      where grants.user_id = lookup."userId"
        and grants.entity_id in (lookup."entityId", (select channel_id from entities where id = lookup."entityId"))
        and is_active_grant(grants, now())
      order by grants.expires_at desc nulls first, grants.entity_id = lookup."entityId" desc
      limit 1
    ) as active on true
    order by position`,
)

/**
 * Returns one row per id, in the given order; an unknown id has no access. An active grant of a video's channel includes the video. Of
 * several grants the one that lasts longest is returned.
 */
export const readAccess = (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> =>
  Promise.all(entityIds.map((entityId) => loadAccess(db, { userId, entityId })))
