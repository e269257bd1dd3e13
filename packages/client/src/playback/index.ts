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
  /** Called with each new state. While it is `active`, `state.source` has the URL and the token, which is renewed before it expires. */
  onChange: (state: PlaybackState) => void
  /** The position of the media in seconds, for the play log. */
  position?: () => number
  /** Identifies the device: its next session replaces the last one. Default: an id that is kept in localStorage. */
  deviceId?: string
  /** False if the page calls `setAccess` itself, instead of a stream of this session's own. */
  watchAccess?: boolean
}

/**
 * Starts to play an entity, for pages without React. It takes a place among the user's screens, sends heartbeats, renews the token, continues after
 * sleep and without a connection, ends with the page, and says why it stopped.
 */
export const createPlaybackSession = ({
  client,
  deviceId = browserDeviceId(),
  ...options
}: PlaybackSessionOptions): PlaybackSession => runPlaybackSession({ ...options, deviceId, calls: clientCalls(client), watchPage })
