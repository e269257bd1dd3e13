import type { EngineOptions, MediaEngine } from './engine.ts'
import { isHls, urlWithToken } from './media-request.ts'

/** The properties of a video element that this file uses. */
export interface NativeVideo extends EventTarget {
  src: string
  autoplay: boolean
  currentTime: number
  readonly error: { readonly message: string } | null
  play(): Promise<void>
  load(): void
  removeAttribute(name: string): void
}

/** The delays before the media is reloaded after consecutive errors. After one more error, the player gives up. */
const reloadDelaysMs = [0, 1_000, 2_000, 4_000, 8_000, 15_000]

/** An error after playback for this long does not count as consecutive. */
const steadyMs = 10_000

/**
 * Plays without hls.js. A new token changes the URL, so the media is loaded again at the same position.
 *
 * A media element does not report the reason for an error: an expired token, a server that does not respond, or a missing file. So after
 * each error, the engine requests a new token and reloads the media, even if the session returns the same token. Each reload waits for the
 * response to that request, so errors while the page is offline do not use up the attempts.
 */
export const attachNatively = (video: NativeVideo, { url, source, startAt, ...options }: EngineOptions): MediaEngine => {
  const listening = new AbortController()
  const { signal } = listening
  let current = source
  let loadedUrl = ''
  let position = startAt
  let hasMetadata = false
  let isPlaying = video.autoplay
  let playingSince: number | null = null
  let errors = 0
  let state: 'loaded' | 'failed' | 'awaits_token' = 'loaded'
  let timer: ReturnType<typeof setTimeout> | undefined

  const currentUrl = () => urlWithToken(current.url ?? url, current)
  const load = () => {
    clearTimeout(timer)
    const isReload = loadedUrl !== ''
    // Chromium pauses the video after an error, and every browser does so when the URL changes, so playback is started again.
    const continues = isReload && isPlaying
    // Otherwise, a reload would also start a video that the viewer has paused.
    if (isReload) video.autoplay = false
    state = 'loaded'
    hasMetadata = false
    playingSince = null
    loadedUrl = currentUrl()
    video.src = loadedUrl
    if (continues) void video.play().catch(() => undefined)
  }
  const readPosition = () => {
    // Until the metadata is loaded, the position of the video is 0.
    if (hasMetadata) position = video.currentTime
  }

  const on = (type: string, listener: () => void) => video.addEventListener(type, listener, { signal })
  on('play', () => (isPlaying = true))
  // After an error, the browser itself pauses the video.
  on('pause', () => {
    if (video.error === null) isPlaying = false
  })
  on('playing', () => (playingSince ??= Date.now()))
  on('loadedmetadata', () => {
    hasMetadata = true
    if (position > 0) video.currentTime = position
    options.onConnectionChange(true)
  })
  on('error', () => {
    readPosition()
    hasMetadata = false
    if (playingSince !== null && Date.now() - playingSince >= steadyMs) errors = 0
    const delay = reloadDelaysMs[errors]
    errors += 1
    if (delay === undefined) {
      const reason = video.error?.message || 'the browser gave no reason'
      return options.onFailure(new Error(`The media cannot be loaded after ${errors} attempts: ${reason}`))
    }
    options.onConnectionChange(false)
    state = 'failed'
    timer = setTimeout(() => {
      state = 'awaits_token'
      options.onRejected()
    }, delay)
  })
  load()
  return {
    update: (next) => {
      current = next
      const isOther = currentUrl() !== loadedUrl
      // A plain file is one long request, which a new token does not affect.
      if (state === 'awaits_token' || (isOther && (state === 'failed' || isHls(url)))) {
        readPosition()
        load()
      }
    },
    destroy: () => {
      listening.abort()
      clearTimeout(timer)
      video.removeAttribute('src')
      video.load()
    },
  }
}
