import type { PlaybackSource } from '@pay-to-view/client'

/** Loads and plays the media in a video element. */
export interface MediaEngine {
  /** Continues with the current token, which may be the same as before. */
  update(source: PlaybackSource): void
  destroy(): void
}

export interface MediaEvents {
  /** The media server has rejected the token, or may have done so. The engine then expects a call to `update`, even if the token is the same. */
  onRejected: () => void
  /** Reports whether the media server responds. */
  onConnectionChange: (isConnected: boolean) => void
  /** The media cannot be played. */
  onFailure: (error: Error) => void
}

export interface EngineOptions extends MediaEvents {
  url: string
  source: PlaybackSource
  startAt: number
}
