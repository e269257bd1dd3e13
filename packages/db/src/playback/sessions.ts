import { playbackLeaseSeconds } from '@pay-to-view/purchase'
import { typeid } from 'typeid-js'
import { type Db, preparedQuery } from '../client.ts'
import type { PlaybackEnd } from '../generated/enums.ts'

/** A screen that starts playback. */
export interface NewPlaybackSession {
  userId: string
  entityId: string
  /** The page's own id for the device. A device takes only one place. */
  deviceId: string | null
  /** The device in readable form, such as `Chrome on Windows`. */
  device: string | null
  /** The shortened network address. */
  address: string | null
}

/** A session that holds one of the user's places. */
export interface OpenPlaybackSession {
  id: string
  entityId: string
  device: string | null
  startedAt: Date
  lastSeenAt: Date
  /** Whether the session is on the same device as the session that the caller asks about. */
  isSameDevice: boolean
}

/**
 * Starts a session if the user has a place left, in one statement under the user's lock. If there is none, `takeOver` ends the session that
 * has sent no heartbeat for the longest time. Returns the id of the new session, or null if all places are taken.
 */
export const startPlaybackSession = async (
  db: Db,
  { userId, entityId, deviceId, device, address }: NewPlaybackSession,
  { maxStreams, takeOver }: { maxStreams: number; takeOver: boolean },
): Promise<string | null> => {
  const id = typeid('play').toString()
  const [row] = await preparedQuery<{ started: boolean }>(db)`
    select start_playback(${id}, ${userId}, ${entityId}, ${deviceId}, ${device}, ${address},
      ${maxStreams}::int, ${takeOver}::boolean, ${playbackLeaseSeconds}::int) as started`
  return row?.started ? id : null
}

/** Gives a new place to a session that has lost its own. Returns false if all places are taken. */
export const resumePlaybackSession = async (db: Db, id: string, userId: string, maxStreams: number): Promise<boolean> => {
  const [row] = await preparedQuery<{ resumed: boolean }>(db)`
    select resume_playback(${id}, ${userId}, ${maxStreams}::int, ${playbackLeaseSeconds}::int) as resumed`
  return row?.resumed ?? false
}

/**
 * Ends a session, at the latest when its lease ran out, and records its last position, unless it is null. If the session has already
 * ended for another reason, this reason is kept, unless the player itself stops the session. Returns false if the user has no such
 * session.
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

/** The sessions that hold a place, most recently started first, compared with the device of another session. */
export const readOpenPlaybackSessions = (db: Db, userId: string, otherId: string | null): Promise<OpenPlaybackSession[]> =>
  preparedQuery<OpenPlaybackSession>(db)`
    select id, entity_id as "entityId", device, started_at as "startedAt", last_seen_at as "lastSeenAt",
      coalesce(device_id = (select device_id from playback_sessions where id = ${otherId}), false) as "isSameDevice"
    from playback_sessions
    where user_id = ${userId} and ended_at is null and last_seen_at > now() - make_interval(secs => ${playbackLeaseSeconds})
    order by started_at desc, id desc`
