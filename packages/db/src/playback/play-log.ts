import { playbackLeaseSeconds } from '@pay-to-view/purchase'
import { type Db, plannedQuery } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import type { PlaybackEnd } from '../generated/enums.ts'

/** A row of the play log: the entity that a user played, the times, the device, and the furthest position. */
export interface Play {
  id: string
  entityId: string
  /** Null if the entity was deleted. */
  entityTitle: string | null
  device: string | null
  address: string | null
  startedAt: Date
  lastSeenAt: Date
  /** Null while the session is open. */
  endedAt: Date | null
  endReason: PlaybackEnd | null
  maxPositionSeconds: number
}

export interface PlayPosition {
  startedAt: Date
  id: string
}

/**
 * Returns at most `limit` of a user's plays, newest first. A session whose lease has expired counts as ended, even if its end has not been
 * recorded yet.
 */
export const playsOf = (db: Db, userId: string, before: PlayPosition | null, limit: number): Promise<Play[]> => {
  const lease = Prisma.sql`make_interval(secs => ${playbackLeaseSeconds})`
  const position = before && Prisma.sql`and (started_at, session.id) < (${before.startedAt}, ${before.id})`
  return db.$queryRaw<Play[]>`
    select session.id, session.entity_id as "entityId", entities.title as "entityTitle", device, address, started_at as "startedAt",
      last_seen_at as "lastSeenAt", max_position_seconds as "maxPositionSeconds",
      case when ended_at is null and last_seen_at <= now() - ${lease} then last_seen_at + ${lease} else ended_at end as "endedAt",
      case when ended_at is null and last_seen_at <= now() - ${lease} then 'expired' else end_reason::text end as "endReason"
    from playback_sessions as session left join entities on entities.id = session.entity_id
    where session.user_id = ${userId} ${position ?? Prisma.empty}
    order by started_at desc, session.id desc limit ${limit}`
}

/** The number of plays, and the number of users who played. */
export interface PlayCounts {
  plays: number
  viewers: number
}

/**
 * Counts the plays of an entity and its members in a time span, grouped by the day or hour in which a play started. `key` is the position
 * of the day or hour in `starts`, counted from 1. Days and hours without plays are omitted.
 */
export const countPlays = async (
  db: Db,
  { entityId, from, to, starts }: { entityId: string; from: Date; to: Date; starts: readonly Date[] },
): Promise<{ groups: (PlayCounts & { key: number })[]; total: PlayCounts }> => {
  const rows = await plannedQuery<PlayCounts & { key: number | null }>(
    db,
    Prisma.sql`
      with played as (
        select width_bucket(started_at, ${[...starts]}::timestamptz[]) as key, user_id from playback_sessions
        where started_at >= ${from} and started_at < ${to} and entity_id in (
          select ${entityId} union all select member_id from containments where container_id = ${entityId} and removed_at is null
        )
      )
      select key, count(*)::int as plays, count(distinct user_id)::int as viewers from played group by grouping sets ((key), ()) order by key nulls last`,
  )
  const groups = rows.flatMap(({ key, ...counts }) => (key === null ? [] : [{ key, ...counts }]))
  return { groups, total: rows.find(({ key }) => key === null) ?? { plays: 0, viewers: 0 } }
}

/** Deletes at most `limit` plays that started before a given time, oldest first. Returns the number of deleted plays. */
export const deleteOldPlays = (db: Db, before: Date, limit: number): Promise<number> =>
  db.$executeRaw`
    delete from playback_sessions where id in (
      select id from playback_sessions where started_at < ${before} order by started_at limit ${limit})`
