/** The video provider, or `own` for the site's own server. */
export type PlaybackProvider = 'mux' | 'cloudflare' | 'bunny' | 'cloudfront' | 'jw' | 'own'

/** The current media URL and token. */
export interface PlaybackSource {
  provider: PlaybackProvider
  /** Null for an entity without playback settings. In that case, the page provides the media URL. */
  url: string | null
  /** Null if the URL contains the token. */
  token: string | null
  thumbnailUrl: string | null
  expiresAt: string
}

/** A screen on which the user is currently playing something. */
export interface ActiveScreen {
  /** The id of the screen's playback session. */
  id: string
  entityId: string
  /** The device, such as `Chrome on Windows`; null if unknown. */
  device: string | null
  startedAt: string
  lastSeenAt: string
}

/** A user's access, as a session last received it. When the access ends, the session uses this state to determine why. */
export interface KnownAccess {
  hasAccess: boolean
  expiresAt: string | null
  purchaseId: string | null
  rental?: { startedAt: string | null } | null
  nextRental?: { startsAt: string } | null
  /** Whether the next playback ends the right of withdrawal. If so, playback must not start without a click. */
  playbackEndsWithdrawal?: boolean
}

/** Whether playback must wait for the user's click, because playback starts a rental's viewing period or ends the right of withdrawal. */
export const needsClick = ({ hasAccess, rental, playbackEndsWithdrawal }: KnownAccess): boolean =>
  hasAccess && (rental?.startedAt === null || playbackEndsWithdrawal === true)

/** The calls that a session makes to the server. */
export interface PlaybackCalls {
  start(input: {
    entityId: string
    deviceId: string | undefined
    takeOver: boolean
  }): Promise<PlaybackSource & { sessionId: string; heartbeatSeconds: number }>
  heartbeat(input: {
    sessionId: string
    positionSeconds: number | undefined
  }): Promise<Pick<PlaybackSource, 'url' | 'token' | 'expiresAt'>>
  /** Ends a session. The call must be sent even while the page is closing. */
  end(input: { sessionId: string; positionSeconds: number | undefined }): Promise<unknown>
  /** Returns the status of a purchase, such as `Refunded`. */
  purchaseStatus(purchaseId: string): Promise<string>
  /** Returns the current access. */
  checkAccess(entityId: string): Promise<KnownAccess>
  /** Calls `listener` with the current access and after each change. Returns the unsubscribe function. */
  watchAccess(entityId: string, listener: (access: KnownAccess) => void): () => void
}
