/** A provider of video, or the site's own server. */
export type PlaybackProvider = 'mux' | 'cloudflare' | 'bunny' | 'cloudfront' | 'jw' | 'own'

/** Where the media is now, and the token for it. */
export interface PlaybackSource {
  provider: PlaybackProvider
  /** Null for an entity without playback settings: the page knows where its media is. */
  url: string | null
  /** Null if the URL contains it. */
  token: string | null
  thumbnailUrl: string | null
  expiresAt: string
}

/** A screen that plays something for the same user. */
export interface ActiveScreen {
  /** Of its session. */
  id: string
  entityId: string
  /** Such as `Chrome on Windows`; null if unknown. */
  device: string | null
  startedAt: string
  lastSeenAt: string
}

/** The access of a session, from which it derives why it ended. */
export interface KnownAccess {
  hasAccess: boolean
  expiresAt: string | null
  purchaseId: string | null
}

/** The calls to the server that a session makes. */
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
  /** Must be sent even if the page is being closed. */
  end(sessionId: string): Promise<unknown>
  /** The status of a purchase, such as `Refunded`. */
  purchaseStatus(purchaseId: string): Promise<string>
  /** Calls `listener` with the current access and after each change. Returns the unsubscribe function. */
  watchAccess(entityId: string, listener: (access: KnownAccess) => void): () => void
}
