import { type GrantedPeriod, playbackLeaseSeconds } from '@pay-to-view/purchase'
import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'
import type { PlaybackEnd } from '../generated/enums.ts'
import type { StoredMedia } from './read-playable.ts'

export interface Heartbeat {
  sessionId: string
  userId: string
  positionSeconds: number | null
}

/** A session after its heartbeat, with the user's access. */
export interface HeartbeatSession extends StoredMedia {
  entityId: string
  /** Whether the session still holds its place. */
  isOpen: boolean
  endReason: PlaybackEnd | null
  at: Date
  periods: GrantedPeriod[]
}

type Row = { index: number; entityId: string | null } & Omit<HeartbeatSession, 'periods' | 'entityId'> &
  (GrantedPeriod | { grantId: null })

/**
 * The time for which heartbeats are collected into one statement. Users do not wait for a heartbeat, and a separate statement would account
 * for most of a heartbeat's cost.
 */
const batchWindowMs = 50

/**
 * Records the heartbeats of many sessions in one statement, whose commit does not wait for the disk. The statement extends leases without
 * taking the users' locks. A transaction that counts places still waits for this statement, because `end_expired_playback` writes the same
 * rows. For a session that has lost its place, only the position is recorded, because the session was playing until now.
 */
const recordHeartbeats = async (db: Db, beats: readonly Heartbeat[]): Promise<(HeartbeatSession | null)[]> => {
  const rows = await preparedQuery<Row>(db)`
    with beat as (
      select beat.* from set_config('synchronous_commit', 'off', true), unnest((select ${beats.map(({ sessionId }) => sessionId)}::text[]), (select ${beats.map(({ userId }) => userId)}::text[]),
        (select ${beats.map(({ positionSeconds }) => positionSeconds)}::int[])) with ordinality as beat(id, user_id, position_seconds, index)
    ), renewed as (
      update playback_sessions as session
      set last_seen_at = case when ended_at is null and last_seen_at > now() - lease.length then now() else last_seen_at end,
        max_position_seconds = greatest(max_position_seconds, beat.position_seconds)
      from beat, (select make_interval(secs => ${playbackLeaseSeconds}) as length) as lease
      where session.id = beat.id and session.user_id = beat.user_id and (
        ended_at is null and last_seen_at > now() - lease.length
        or end_reason is distinct from 'stopped' and beat.position_seconds > max_position_seconds
      )
      returning session.id, ended_at is null and last_seen_at > now() - lease.length as is_open
    )
    select (beat.index - 1)::int as index, now() as at, session.entity_id as "entityId", session.end_reason::text as "endReason",
      coalesce(renewed.is_open, false) as "isOpen", entities.playback::text as playback, entities.duration_seconds as "durationSeconds",
      period.grant_id as "grantId", period.source::text, period.purchase_id as "purchaseId",
      period.watch_within_hours as "watchWithinHours", period.first_played_at as "firstPlayedAt", period.starts_at as "startsAt",
      period.expires_at as "expiresAt"
    from beat
    left join playback_sessions as session on session.id = beat.id and session.user_id = beat.user_id
    left join renewed on renewed.id = session.id
    left join entities on entities.id = session.entity_id
    left join lateral access_periods(session.user_id, session.entity_id, now()) as period on true`
  const sessions = beats.map((): HeartbeatSession | null => null)
  for (const { index, entityId, at, isOpen, endReason, playback, durationSeconds, ...period } of rows) {
    if (entityId === null) continue
    const session = sessions[index] ?? { entityId, at, isOpen, endReason, playback, durationSeconds, periods: [] }
    if (period.grantId !== null) session.periods.push(period)
    sessions[index] = session
  }
  return sessions
}

const loadHeartbeat = batchLoader(100, recordHeartbeats, batchWindowMs)

/**
 * Extends a session's lease, unless the session has lost its place, and records the playback position. Returns null if the user has no such
 * session.
 */
export const recordHeartbeat = (db: Db, beat: Heartbeat): Promise<HeartbeatSession | null> => loadHeartbeat(db, beat)
