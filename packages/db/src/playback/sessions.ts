import { playbackLeaseSeconds } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import { batchLoader } from '../batch-loader.ts'
import { type Db, preparedQuery } from '../client.ts'
import type { PlaybackEnd } from '../generated/enums.ts'

/** The session to start, and the device that plays. */
export interface NewPlaybackSession {
  userId: string
  entityId: string
  /** The page's id for the device. All sessions of a device share one place. */
  deviceId: string | null
  /** A readable name of the device, such as `Chrome on Windows`. */
  device: string | null
  /** The IP address in shortened form, such as `203.0.113.0/24`. */
  address: string | null
}

/** A session that holds one of the user's places. */
export interface OpenPlaybackSession {
  id: string
  entityId: string
  device: string | null
  startedAt: Date
  lastSeenAt: Date
  /** Whether the session is on the same device as the given other session. */
  isSameDevice: boolean
}

interface Start extends NewPlaybackSession {
  id: string
  maxStreams: number
  takeOver: boolean
}

/**
 * Starts many sessions in one statement. The result is null for a session that has to be started in its own statement: because its user's
 * lock is held, because no place is free, or because another session has to end. So no session waits for another user's lock, and the
 * statement cannot cause a deadlock with heartbeats.
 */
const tryStarts = async (db: Db, starts: readonly Start[]): Promise<(boolean | null)[]> => {
  const rows = await preparedQuery<{ started: boolean | null }>(db)`
    select start_playback(id, user_id, entity_id, device_id, device, address, max_streams, take_over,
      ${playbackLeaseSeconds}::int, true) as started
    from unnest((select ${starts.map(({ id }) => id)}::text[]), (select ${starts.map(({ userId }) => userId)}::text[]),
      (select ${starts.map(({ entityId }) => entityId)}::text[]), (select ${starts.map(({ deviceId }) => deviceId)}::text[]),
      (select ${starts.map(({ device }) => device)}::text[]), (select ${starts.map(({ address }) => address)}::text[]),
      (select ${starts.map(({ maxStreams }) => maxStreams)}::int[]), (select ${starts.map(({ takeOver }) => String(takeOver))}::boolean[]))
      with ordinality as start(id, user_id, entity_id, device_id, device, address, max_streams, take_over, index)
    order by index`
  return rows.map(({ started }) => started)
}

const tryStart = batchLoader(100, tryStarts)

const startAndWait = async (
  db: Db,
  { id, userId, entityId, deviceId, device, address, maxStreams, takeOver }: Start,
): Promise<boolean> => {
  const [row] = await preparedQuery<{ started: boolean }>(db)`
    select start_playback(${id}, ${userId}, ${entityId}, ${deviceId}, ${device}, ${address},
      ${maxStreams}::int, ${takeOver}::boolean, ${playbackLeaseSeconds}::int, false) as started`
  return row?.started ?? false
}

/**
 * Starts a session under the user's lock if one of the user's places is free. If no place is free, `takeOver` ends the session whose last
 * heartbeat is the oldest. Returns the new session's id, or null if all places are taken.
 */
export const startPlaybackSession = async (
  db: Db,
  session: NewPlaybackSession,
  limit: { maxStreams: number; takeOver: boolean },
): Promise<string | null> => {
  const start = { ...session, ...limit, id: typeid('play').toString() }
  const started = (await tryStart(db, start)) ?? (await startAndWait(db, start))
  return started ? start.id : null
}

/** Gives a new place to a session that has lost its place. Returns false if all places are taken. */
export const resumePlaybackSession = async (db: Db, id: string, userId: string, maxStreams: number): Promise<boolean> => {
  const [row] = await preparedQuery<{ resumed: boolean }>(db)`
    select resume_playback(${id}, ${userId}, ${maxStreams}::int, ${playbackLeaseSeconds}::int) as resumed`
  return row?.resumed ?? false
}

/**
 * Ends a session and records the last position, unless the position is null. The end is not later than the end of the session's lease. If
 * the session has already ended for another reason, that reason is kept, unless the player itself stops the session. Returns false if the
 * user has no such session.
 */
export const endPlaybackSession = async (
  db: Db,
  {
    id,
    userId,
    reason,
    positionSeconds,
  }: { id: string; userId: string; reason: Extract<PlaybackEnd, 'stopped' | 'no_access'>; positionSeconds: number | null },
): Promise<boolean> => {
  const rows = await preparedQuery(db)`
    update playback_sessions set
      ended_at = coalesce(ended_at, least(now(), last_seen_at + make_interval(secs => ${playbackLeaseSeconds}))),
      max_position_seconds = greatest(max_position_seconds, ${positionSeconds}::int),
      end_reason = case when end_reason is null or ${reason} = 'stopped' then ${reason}::playback_end else end_reason end
    where id = ${id} and user_id = ${userId} returning id`
  return rows.length > 0
}

/**
 * Returns the user's sessions that hold a place, most recently started first. `isSameDevice` compares each session with the session
 * `otherId`.
 */
export const readOpenPlaybackSessions = (db: Db, userId: string, otherId: string | null): Promise<OpenPlaybackSession[]> =>
  preparedQuery<OpenPlaybackSession>(db)`
    select id, entity_id as "entityId", device, started_at as "startedAt", last_seen_at as "lastSeenAt",
      coalesce(device_id = (select device_id from playback_sessions where id = ${otherId}), false) as "isSameDevice"
    from playback_sessions
    where user_id = ${userId} and ended_at is null and last_seen_at > now() - make_interval(secs => ${playbackLeaseSeconds})
    order by started_at desc, id desc`
