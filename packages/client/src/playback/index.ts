import type { PayToViewClient } from '../client.ts'
import { clientCalls } from './client-calls.ts'
import { browserDeviceId } from './device-id.ts'
import { watchPage } from './page.ts'
import { type PlaybackSession, type PlaybackState, runPlaybackSession } from './session.ts'

export type { ActiveScreen, KnownAccess, PlaybackProvider, PlaybackSource } from './calls.ts'
export type { PlaybackSession, PlaybackState } from './session.ts'
export type { PlaybackStop } from './stop.ts'

export interface PlaybackSessionOptions {
  client: PayToViewClient
  entityId: string
  /** Called with each new state. While the status is `active`, `state.source` contains the URL and the token, which is renewed before it expires. */
  onChange: (state: PlaybackState) => void
  /** Returns the media position in seconds, for the play log. */
  position?: () => number
  /** Identifies the device. A new session replaces the device's previous session. Default: an id stored in localStorage. */
  deviceId?: string
  /** False if the page calls `setAccess` itself. By default, the session opens its own access stream. */
  watchAccess?: boolean
}

/**
 * Starts playback of an entity, for pages without React. The session takes one of the user's places, sends heartbeats, renews
 * the token, survives sleep and lost connections, ends when the page closes, and reports why playback stopped.
 */
export const createPlaybackSession = ({
  client,
  deviceId = browserDeviceId(),
  ...options
}: PlaybackSessionOptions): PlaybackSession => runPlaybackSession({ ...options, deviceId, calls: clientCalls(client), watchPage })
