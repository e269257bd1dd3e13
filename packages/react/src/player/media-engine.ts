import type { ErrorData, HlsConfig, LoadPolicy, RetryConfig } from 'hls.js'
import type { EngineOptions, MediaEngine } from './engine.ts'
import { isHls, mediaRequest } from './media-request.ts'
import { attachNatively } from './native-engine.ts'

interface MediaOptions extends EngineOptions {
  hls: Partial<HlsConfig>
}

/** The number of consecutive rejections after which the player gives up, because a new token does not help. */
const maxRejections = 5

const reloadDelayMs = 3_000

const isRejection = (status: number | undefined): boolean => status === 401 || status === 403

/** Makes hls.js retry after a rejected token. Its own retry policy gives up after any 4xx. */
const retryRejected = (policy: LoadPolicy, onRejected: () => void): LoadPolicy => {
  const { default: settings } = policy
  const shouldRetry: NonNullable<RetryConfig['shouldRetry']> = (config, count, _isTimeout, response, isRetried) => {
    if (!isRejection(response?.code)) return isRetried
    onRejected()
    return count < (config?.maxNumRetry ?? 0)
  }
  const errorRetry: RetryConfig = settings.errorRetry ?? { maxNumRetry: 1, retryDelayMs: 1_000, maxRetryDelayMs: 8_000 }
  return {
    default: { ...settings, errorRetry: { ...errorRetry, maxNumRetry: Math.max(2, errorRetry.maxNumRetry), shouldRetry } },
  }
}

/**
 * Plays with hls.js, which sends each request with the current token. hls.js is loaded on demand, because it is larger than the
 * rest of the package.
 */
const attachHls = (video: HTMLVideoElement, { url, startAt, hls: config, ...options }: MediaOptions): MediaEngine => {
  let { source } = options
  let isDestroyed = false
  let rejections = 0
  let reloadTimer: ReturnType<typeof setTimeout> | undefined
  let close = () => {}

  const onRejected = () => {
    rejections += 1
    if (rejections <= maxRejections) options.onRejected()
  }

  const load = async () => {
    const { default: Hls } = await import('hls.js')
    if (isDestroyed) return
    const { manifestLoadPolicy, playlistLoadPolicy, fragLoadPolicy, keyLoadPolicy } = Hls.DefaultConfig
    const hls = new Hls({
      startPosition: startAt > 0 ? startAt : -1,
      manifestLoadPolicy: retryRejected(manifestLoadPolicy, onRejected),
      playlistLoadPolicy: retryRejected(playlistLoadPolicy, onRejected),
      fragLoadPolicy: retryRejected(fragLoadPolicy, onRejected),
      keyLoadPolicy: retryRejected(keyLoadPolicy, onRejected),
      ...config,
      xhrSetup: (xhr, requestUrl) => {
        const request = mediaRequest(requestUrl, url, source)
        xhr.open('GET', request.url, true)
        for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value)
      },
    })
    close = () => hls.destroy()

    let isParsed = false
    let recoveredAt = 0
    const reload = () => {
      clearTimeout(reloadTimer)
      reloadTimer = setTimeout(() => (isParsed ? hls.startLoad() : hls.loadSource(url)), reloadDelayMs)
    }
    const fail = ({ details, error }: ErrorData) => options.onFailure(error instanceof Error ? error : new Error(details))
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      isParsed = true
    })
    hls.on(Hls.Events.FRAG_LOADED, () => {
      rejections = 0
      options.onConnectionChange(true)
    })
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return
      if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
        const status = data.response?.code ?? 0
        const isFinal = isRejection(status) ? rejections > maxRejections : status >= 400 && status < 500
        if (isFinal) return fail(data)
        options.onConnectionChange(isRejection(status))
        return reload()
      }
      // A second error soon after recovering from the first means that the media is broken.
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && Date.now() - recoveredAt > 10_000) {
        recoveredAt = Date.now()
        return hls.recoverMediaError()
      }
      fail(data)
    })
    hls.attachMedia(video)
    hls.loadSource(url)
  }

  load().catch((error: unknown) => {
    if (!isDestroyed) options.onFailure(error instanceof Error ? error : new Error(String(error)))
  })
  return {
    update: (next) => {
      source = next
    },
    destroy: () => {
      isDestroyed = true
      clearTimeout(reloadTimer)
      close()
    },
  }
}

/** Whether scripts can add media to a video. All browsers support this, except on iPhones with iOS versions before 17.1. */
const hasMediaSource = (): boolean => 'MediaSource' in window || 'ManagedMediaSource' in window

/**
 * Plays HLS with hls.js if possible, because a browser's built-in player sends no headers and stalls when the token is
 * replaced. The browser itself plays all other media, and also HLS if MediaSource is missing.
 */
export const attachMedia = (video: HTMLVideoElement, options: MediaOptions): MediaEngine =>
  isHls(options.url) && hasMediaSource() ? attachHls(video, options) : attachNatively(video, options)
