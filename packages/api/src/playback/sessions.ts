import {
  type Db,
  endPlaybackSession,
  type Playable,
  readOpenPlaybackSessions,
  readPlayable,
  recordFirstPlayback,
  recordHeartbeat,
  resumePlaybackSession,
  startPlaybackSession,
} from '@pay-to-view/db'
import {
  accessAt,
  type GrantedPeriod,
  grantToContinue,
  grantToPlay,
  placeLostCause,
  startedAccessAt,
  streamLimit,
} from '@pay-to-view/purchase'
import { noAccess } from '../access/no-access.ts'
import { ApiError } from '../errors.ts'
import type { MediaSigner, SignedMedia } from './media.ts'
import type { Viewer } from './viewer.ts'

export interface PlaybackStart {
  entityId: string
  deviceId: string | null
  takeOver: boolean
}

export interface StartedPlayback extends SignedMedia {
  sessionId: string
  provider: ReturnType<MediaSigner['requireProvider']>
  thumbnailUrl: string | null
  heartbeatSeconds: number
}

/** The playback sessions of users. Each session holds one of its user's places. */
export interface PlaybackSessions {
  /** Starts a session. For a rental, this also starts the clock. */
  start(userId: string, viewer: Viewer, start: PlaybackStart): Promise<StartedPlayback>
  /** Keeps a session's place reserved, or acquires a new place if the session has lost its place. */
  heartbeat(userId: string, sessionId: string, positionSeconds: number | null): Promise<SignedMedia>
  /** `positionSeconds` is the last position; null if the position is unknown. */
  end(userId: string, sessionId: string, positionSeconds: number | null): Promise<void>
}

interface PlaybackSessionsDeps {
  db: Db
  media: MediaSigner
  /** The number of screens on which a user may play at the same time, unless the product sets its own limit. */
  maxStreams: number
}

/** The existing session that has lost its place; null if a new session is being started. */
type Displaced = { id: string; endReason: string | null } | null

const tooManyStreams = async (db: Db, userId: string, displaced: Displaced): Promise<ApiError> => {
  const open = await readOpenPlaybackSessions(db, userId, displaced?.id ?? null)
  const hasSameDevice = open.some(({ isSameDevice }) => isSameDevice)
  const cause = placeLostCause({ endReason: displaced?.endReason ?? null, hasSameDevice })
  const sessions = open.map(({ id, entityId, device, startedAt, lastSeenAt }) => ({
    ...{ id, entityId, device },
    ...{ startedAt: startedAt.toISOString(), lastSeenAt: lastSeenAt.toISOString() },
  }))
  return new ApiError('too_many_streams', { extensions: { cause, sessions } })
}

/** The stored media with the user's access periods. */
type Playing = Omit<Playable, 'periods'> & { periods: GrantedPeriod[] }

/**
 * Records the first playback of the grant that the session uses, which `chooseGrant` returns. For a rental, this starts the clock. Reads
 * the access again only if the first playback was not recorded yet.
 */
const startClock = async (
  db: Db,
  { userId, entityId }: { userId: string; entityId: string },
  playing: Playing,
  chooseGrant: typeof grantToPlay,
): Promise<Playing | null> => {
  if (chooseGrant(playing.periods, playing.at)?.firstPlayedAt !== null) return playing
  await recordFirstPlayback(db, userId, entityId, chooseGrant)
  return readPlayable(db, userId, entityId)
}

export const createPlaybackSessions = ({ db, media, maxStreams }: PlaybackSessionsDeps): PlaybackSessions => {
  type Session = { sessionId: string; userId: string; entityId: string; positionSeconds: number }

  /** Signs the media if the user has access without having to start another rental. Otherwise ends the session and throws. */
  const signOrEnd = async (session: Session, playable: Playing | null) => {
    const access = playable && startedAccessAt(playable.periods, playable.at)
    if (playable && access?.hasAccess) {
      const request = { ...session, stored: playable, accessEndsAt: access.expiresAt?.getTime() ?? null }
      const signed = await media.sign(request)
      if (signed) return { request, signed }
    }
    await endPlaybackSession(db, { id: session.sessionId, userId: session.userId, reason: 'no_access', positionSeconds: null })
    throw noAccess(access)
  }

  return {
    start: async (userId, viewer, { entityId, deviceId, takeOver }) => {
      const playable = await readPlayable(db, userId, entityId)
      const access = playable && accessAt(playable.periods, playable.at)
      if (!playable || !access?.hasAccess) throw noAccess(access)
      const provider = media.requireProvider(entityId, playable)
      const limit = { maxStreams: streamLimit(playable.periods, playable.at, maxStreams), takeOver }
      const sessionId = await startPlaybackSession(db, { userId, entityId, deviceId, ...viewer }, limit)
      if (sessionId === null) throw await tooManyStreams(db, userId, null)
      const started = await startClock(db, { userId, entityId }, playable, grantToPlay)
      const { request, signed } = await signOrEnd({ sessionId, userId, entityId, positionSeconds: 0 }, started)
      const thumbnailUrl = await media.thumbnailUrl(request, signed)
      return { sessionId, provider, ...signed, thumbnailUrl, heartbeatSeconds: media.heartbeatSeconds }
    },

    heartbeat: async (userId, sessionId, positionSeconds) => {
      const session = await recordHeartbeat(db, { sessionId, userId, positionSeconds })
      if (!session || session.endReason === 'stopped') throw new ApiError('playback_session_not_found')
      const { entityId } = session
      if (!session.isOpen && startedAccessAt(session.periods, session.at)?.hasAccess) {
        const playable = await readPlayable(db, userId, entityId)
        const limit = playable ? streamLimit(playable.periods, playable.at, maxStreams) : maxStreams
        if (!(await resumePlaybackSession(db, sessionId, userId, limit)))
          throw await tooManyStreams(db, userId, { id: sessionId, endReason: session.endReason })
      }
      const continued = await startClock(db, { userId, entityId }, session, grantToContinue)
      const { signed } = await signOrEnd({ sessionId, userId, entityId, positionSeconds: positionSeconds ?? 0 }, continued)
      return signed
    },

    end: async (userId, sessionId, positionSeconds) => {
      if (!(await endPlaybackSession(db, { id: sessionId, userId, reason: 'stopped', positionSeconds })))
        throw new ApiError('playback_session_not_found')
    },
  }
}
