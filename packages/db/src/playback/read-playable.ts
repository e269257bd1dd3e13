import type { PlayablePeriod } from '@pay-to-view/purchase'
import { type Db, preparedQuery } from '../client.ts'

/** An entity's media and length, as they are stored. */
export interface StoredMedia {
  /** Where the player finds it, as JSON text: packages/api, entities/playback-source.ts. Null for a server of the site's own. */
  playback: string | null
  durationSeconds: number | null
}

/** The data that decides whether a user may play an entity, and on how many screens. */
export interface Playable extends StoredMedia {
  /** The time of the read, by the clock of Postgres. */
  at: Date
  periods: PlayablePeriod[]
}

type Row = StoredMedia & { at: Date } & (PlayablePeriod | { grantId: null })

/** Returns null for an unknown entity. */
export const readPlayable = async (db: Db, userId: string, entityId: string): Promise<Playable | null> => {
  const rows = await preparedQuery<Row>(db)`
    select now() as at, entities.playback::text as playback, duration_seconds as "durationSeconds", period.grant_id as "grantId",
      period.source::text, period.purchase_id as "purchaseId", period.watch_within_hours as "watchWithinHours",
      period.first_played_at as "firstPlayedAt", period.starts_at as "startsAt", period.expires_at as "expiresAt",
      period.max_streams as "maxStreams"
    from entities left join lateral playable_periods(${userId}, entities.id, now()) as period on true
    where entities.id = ${entityId}`
  const [first] = rows
  if (!first) return null
  const { at, playback, durationSeconds } = first
  return { at, playback, durationSeconds, periods: rows.flatMap((row) => (row.grantId === null ? [] : [row])) }
}
