import type { PlayablePeriod } from '@pay-to-view/purchase'
import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'

/** The stored media and length of an entity. */
export interface StoredMedia {
  /**
   * The location of the media, as JSON text (see packages/api/src/entities/playback-source.ts). Null if the media is on the site's own
   * server.
   */
  playback: string | null
  durationSeconds: number | null
}

/** The data that determines whether a user may play an entity, and on how many screens. */
export interface Playable extends StoredMedia {
  /** The time of the read according to Postgres's clock. */
  at: Date
  periods: PlayablePeriod[]
}

interface PlayableKey {
  userId: string
  entityId: string
}

type Row = StoredMedia & { position: number; at: Date } & (PlayablePeriod | { grantId: null })

const loadPlayable = batchLoader(100, async (db, keys: readonly PlayableKey[]): Promise<(Playable | null)[]> => {
  const rows = await preparedQuery<Row>(db)`
    select position::int, now() as at, entities.playback::text as playback, duration_seconds as "durationSeconds",
      period.grant_id as "grantId", period.source::text, period.purchase_id as "purchaseId",
      period.watch_within_hours as "watchWithinHours", period.first_played_at as "firstPlayedAt", period.starts_at as "startsAt",
      period.expires_at as "expiresAt", period.max_streams as "maxStreams"
    from unnest((select ${keys.map(({ userId }) => userId)}::text[]), (select ${keys.map(({ entityId }) => entityId)}::text[]))
      with ordinality as lookup(user_id, entity_id, position)
    join entities on entities.id = lookup.entity_id
    left join lateral playable_periods(lookup.user_id, entities.id, now()) as period on true`
  const results = keys.map((): Playable | null => null)
  for (const { position, at, playback, durationSeconds, ...period } of rows) {
    const playable = results[position - 1] ?? { at, playback, durationSeconds, periods: [] }
    if (period.grantId !== null) playable.periods.push(period)
    results[position - 1] = playable
  }
  return results
})

/** Returns null for an unknown entity. */
export const readPlayable = (db: Db, userId: string, entityId: string): Promise<Playable | null> =>
  loadPlayable(db, { userId, entityId })
