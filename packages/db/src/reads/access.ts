import { type Db, preparedQuery } from '../client.ts'
import { batchLoader } from '../batch-loader.ts'

/** Whether a user may watch an entity now. `purchaseId` is the purchase that gives the access, null without access. */
export interface AccessRow {
  entityId: string
  hasAccess: boolean
  /** Null without access, and for access without an end. */
  expiresAt: Date | null
  purchaseId: string | null
}

interface Question {
  userId: string
  entityId: string
}

/** The hot path: two index look-ups a question, whoever asks, and Postgres's clock. */
const accessOfAll = batchLoader(
  100,
  (db, questions: readonly Question[]): Promise<AccessRow[]> => preparedQuery<AccessRow>(db)`
    select asked."entityId", live.purchase_id is not null as "hasAccess", live.expires_at as "expiresAt", live.purchase_id as "purchaseId"
    from unnest((select ${questions.map(({ userId }) => userId)}::text[]), (select ${questions.map(({ entityId }) => entityId)}::text[]))
      with ordinality as asked("userId", "entityId", position)
    left join lateral (
      select grants.purchase_id, grants.expires_at
      from grants
      where grants.user_id = asked."userId"
        and grants.entity_id in (asked."entityId", (select channel_id from entities where id = asked."entityId"))
        and grants.ended_at is null
        and (grants.expires_at is null or grants.expires_at > now())
      order by grants.expires_at desc nulls first, grants.entity_id = asked."entityId" desc
      limit 1
    ) as live on true
    order by position`,
)

/**
 * One row for each id, in the order asked; an id of nothing known gives no access. A live grant on a video's channel counts for the video.
 * Of several grants the one that lasts longest is told.
 */
export const accessOf = (db: Db, userId: string, entityIds: readonly string[]): Promise<AccessRow[]> =>
  Promise.all(entityIds.map((entityId) => accessOfAll(db, { userId, entityId })))
