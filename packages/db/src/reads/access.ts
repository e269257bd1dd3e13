import { ask, type Db } from '../client.ts'

/** Whether a user may watch an entity now. `purchaseId` is the purchase that gives the access, null without access. */
export interface AccessRow {
  entityId: string
  hasAccess: boolean
  /** Null without access, and for access without an end. */
  expiresAt: Date | null
  purchaseId: string | null
}

/**
 * One row for each id, in the order asked; an id of nothing known gives no access. A live grant on a video's channel counts for the video.
 * Of several grants the one that lasts longest is told. The hot path: one statement, two index look-ups an id, Postgres's clock.
 */
export const accessOf = async (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> => {
  const [id, ...more] = entityIds
  return id !== undefined && more.length === 0 ? accessToOne(db, userId, id) : accessToSeveral(db, userId, entityIds)
}

/** As below, without the list: Postgres plans a statement with a list anew each time, because it cannot know how long the next one is. */
const accessToOne = (db: Db, userId: string, entityId: string): Promise<AccessRow[]> => ask<AccessRow>(db)`
  select asked.id as "entityId", live.purchase_id is not null as "hasAccess", live.expires_at as "expiresAt", live.purchase_id as "purchaseId"
  from (select ${entityId}::text as id) as asked
  left join entities on entities.id = asked.id
  left join lateral (
    select grants.purchase_id, grants.expires_at
    from grants
    where grants.user_id = ${userId}
      and grants.entity_id in (asked.id, entities.channel_id)
      and grants.ended_at is null
      and (grants.expires_at is null or grants.expires_at > now())
    order by grants.expires_at desc nulls first, grants.entity_id = asked.id desc
    limit 1
  ) as live on true`

const accessToSeveral = (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> => ask<AccessRow>(db)`
  select asked.id as "entityId", live.purchase_id is not null as "hasAccess", live.expires_at as "expiresAt", live.purchase_id as "purchaseId"
  from unnest(${entityIds}::text[]) with ordinality as asked(id, position)
  left join entities on entities.id = asked.id
  left join lateral (
    select grants.purchase_id, grants.expires_at
    from grants
    where grants.user_id = ${userId}
      and grants.entity_id in (asked.id, entities.channel_id)
      and grants.ended_at is null
      and (grants.expires_at is null or grants.expires_at > now())
    order by grants.expires_at desc nulls first, grants.entity_id = asked.id desc
    limit 1
  ) as live on true
  order by asked.position`
