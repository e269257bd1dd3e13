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
  /** Identifies the device: a new session replaces its previous one. Default: an id that is kept in localStorage. */
  deviceId?: string
  /** False if the page calls `setAccess` itself. By default, the session opens its own access stream. */
  watchAccess?: boolean
}

/**
 * Starts to play an entity, for pages without React. It takes one of the user's places, sends heartbeats, renews the token, survives sleep
 * and lost connections, ends with the page, and reports why it stopped.
 */
export const createPlaybackSession = ({
  client,
  deviceId = browserDeviceId(),
  ...options
}: PlaybackSessionOptions): PlaybackSession => runPlaybackSession({ ...options, deviceId, calls: clientCalls(client), watchPage })
