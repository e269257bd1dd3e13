import { type KnownAccess, needsClick, type PlaybackCalls, type PlaybackSource } from './calls.ts'
import type { WatchPage } from './page.ts'
import { maxTimerMs, nextHeartbeatAt, pauseLimitMs, retryDelayMs } from './schedule.ts'
import { endOfAccess, failureOf, isAboutAccess, type PlaybackStop } from './stop.ts'

export type PlaybackState =
  /** `isOffline` means that the server did not respond and the call will be retried. */
  | { status: 'starting'; isOffline: boolean }
  | { status: 'active'; source: PlaybackSource; isOffline: boolean }
  | { status: 'stopped'; stop: PlaybackStop }
  /** The page has ended the session. */
  | { status: 'ended' }

export interface PlaybackSession {
  readonly state: PlaybackState
  /** Reports whether the media is playing. A player that is paused for two minutes gives up its place until playback resumes. */
  setPlaying(isPlaying: boolean): void
  /** Renews the token immediately. Call this when the media server has rejected the token. */
  renew(): void
  /** Reports the access that the page has read. If access has ended, the session immediately checks with the server. */
  setAccess(access: KnownAccess): void
  /** Restarts playback after the user's click. With `takeOver`, the screen that has sent no heartbeat for the longest time loses its place. */
  restart(options?: { takeOver?: boolean }): void
  /** Ends the session and gives up its place. */
  end(): void
}

export interface SessionOptions {
  entityId: string
  /** A new session replaces the device's previous session. */
  deviceId?: string | undefined
  calls: PlaybackCalls
  watchPage: WatchPage
  /** Called with each new state. */
  onChange: (state: PlaybackState) => void
  /** Returns the media position in seconds, for the play log. */
  position?: (() => number) | undefined
  /** False if the page calls `setAccess` itself. */
  watchAccess?: boolean | undefined
  random?: () => number
}

/**
 * Runs one playback session:
 *
 * - starting -> active: the server has granted a place
 * - active -> active: a heartbeat has kept the place and renewed the token
 * - starting, active -> stopped: the server has refused playback
 * - stopped -> starting: `restart` was called, or the user has access again
 * - active -> starting: the page was restored
 * - any -> ended: `end` was called
 *
 * When the page is closed, the session gives up its place immediately. It starts again if the back button restores the page.
 */
export const runPlaybackSession = ({ entityId, deviceId, calls, ...options }: SessionOptions): PlaybackSession => {
  const { random = Math.random } = options
  let state: PlaybackState = { status: 'starting', isOffline: false }
  let lease: { sessionId: string; heartbeatSeconds: number } | null = null
  /** The latest access known to the session. */
  let known: KnownAccess | null = null
  let hadAccess = true
  /** Whether playback is starting automatically. If so, it must not start a rental's hours or end the right of withdrawal. */
  let isAutomatic = false
  let failures = 0
  let dueAt = 0
  let pausedAt: number | null = Date.now()
  let isHidden = false
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Identifies the current call. Results of earlier calls are ignored. */
  let running: symbol | null = null

  /** The last known position in the current session. */
  let lastPosition: number | undefined

  const setState = (next: PlaybackState): void => {
    state = next
    options.onChange(next)
  }
  const isLive = (): boolean => state.status === 'starting' || state.status === 'active'
  const hasReleasedPlace = (): boolean => lease !== null && pausedAt !== null && Date.now() - pausedAt >= pauseLimitMs

  /** Returns the position in whole seconds, or the last position if the media has been removed. Undefined if it is unknown. */
  const readPosition = (): number | undefined => {
    const seconds = options.position?.() ?? Number.NaN
    if (lease && Number.isFinite(seconds)) lastPosition = Math.max(0, Math.floor(seconds))
    return lastPosition
  }

  const schedule = (at: number): void => {
    dueAt = at
    tick()
  }

  /** Calls the server when a heartbeat or retry is due. Waits in short intervals, because timers stop while a computer sleeps. */
  const tick = (): void => {
    clearTimeout(timer)
    readPosition()
    if (!isLive() || isHidden || running !== null || hasReleasedPlace()) return
    const waitMs = dueAt - Date.now()
    if (waitMs <= 0) void call()
    else timer = setTimeout(tick, Math.min(maxTimerMs, waitMs))
  }

  const callNow = (): void => {
    if (isLive() && !isHidden && running === null) void call()
  }

  const call = async (takeOver = false): Promise<void> => {
    clearTimeout(timer)
    const self = Symbol()
    const isCurrent = () => running === self
    running = self
    const current = lease
    try {
      if (isAutomatic && !current) {
        const access = await calls.checkAccess(entityId)
        if (!isCurrent()) return
        if (needsClick(access)) return stopWith({ reason: 'click_required' })
      }
      const source =
        current && state.status === 'active' ? await heartbeat(current, state.source) : await start(takeOver, isCurrent)
      if (!isCurrent()) return
      running = null
      failures = 0
      setState({ status: 'active', source, isOffline: false })
      if (lease) schedule(nextHeartbeatAt({ ...lease, expiresAt: source.expiresAt }, Date.now()))
    } catch (error) {
      if (isCurrent()) await fail(error, current ? 'heartbeat' : 'start', isCurrent)
    }
  }

  const start = async (takeOver: boolean, isCurrent: () => boolean): Promise<PlaybackSource> => {
    const { sessionId, heartbeatSeconds, ...source } = await calls.start({ entityId, deviceId, takeOver })
    // The page may have ended the session during the call.
    if (!isCurrent()) void calls.end({ sessionId, positionSeconds: undefined }).catch(() => undefined)
    else {
      lease = { sessionId, heartbeatSeconds }
      lastPosition = undefined
      known ??= { hasAccess: true, expiresAt: null, purchaseId: null }
    }
    return source
  }

  const heartbeat = async ({ sessionId }: { sessionId: string }, last: PlaybackSource): Promise<PlaybackSource> => {
    return { ...last, ...(await calls.heartbeat({ sessionId, positionSeconds: readPosition() })) }
  }

  const fail = async (error: unknown, name: 'start' | 'heartbeat', isCurrent: () => boolean): Promise<void> => {
    const failure = failureOf(error, name)
    const stop = failure.next === 'find_reason' ? await findReason() : failure.next === 'stop' ? failure.stop : null
    if (!isCurrent()) return
    if (stop !== null) return stopWith(stop)
    running = null
    if (failure.next === 'restart') {
      lease = null
      isAutomatic = true
    }
    failures += 1
    if ('isOffline' in state && failure.next === 'retry') setState({ ...state, isOffline: true })
    schedule(Date.now() + retryDelayMs(failures, random()))
  }

  const stopWith = (stop: PlaybackStop): void => {
    running = null
    lease = null
    setState({ status: 'stopped', stop })
  }

  const findReason = async (): Promise<PlaybackStop> => {
    const purchaseId = known?.purchaseId ?? null
    const status = purchaseId === null ? null : await calls.purchaseStatus(purchaseId).catch(() => null)
    return endOfAccess(known, status, Date.now())
  }

  const release = (): void => {
    clearTimeout(timer)
    running = null
    if (lease) void calls.end({ sessionId: lease.sessionId, positionSeconds: readPosition() }).catch(() => undefined)
    lease = null
  }

  const startAgain = (takeOver: boolean): void => {
    if (state.status === 'ended') return
    release()
    failures = 0
    pausedAt &&= Date.now()
    setState({ status: 'starting', isOffline: false })
    void call(takeOver)
  }
  const restart = ({ takeOver = false }: { takeOver?: boolean } = {}): void => {
    isAutomatic = false
    startAgain(takeOver)
  }
  const restartAutomatically = (): void => {
    isAutomatic = true
    startAgain(false)
  }

  const setAccess = (access: KnownAccess): void => {
    if (access.hasAccess) known = access
    const hasChanged = access.hasAccess !== hadAccess
    hadAccess = access.hasAccess
    if (!access.hasAccess && state.status === 'active') callNow()
    const canRestart = access.hasAccess && hasChanged && !needsClick(access)
    if (canRestart && state.status === 'stopped' && isAboutAccess(state.stop)) restartAutomatically()
  }

  const stopWatching = [
    options.watchPage({
      onWake: () => (failures > 0 ? callNow() : tick()),
      onHide: () => {
        isHidden = true
        release()
      },
      onShow: () => {
        isHidden = false
        if (isLive()) restartAutomatically()
      },
    }),
    options.watchAccess === false ? () => undefined : calls.watchAccess(entityId, setAccess),
  ]
  void call()

  return {
    get state() {
      return state
    },
    setPlaying: (isPlaying) => {
      pausedAt = isPlaying ? null : (pausedAt ?? Date.now())
      readPosition()
      if (isPlaying) tick()
    },
    renew: callNow,
    setAccess,
    restart,
    end: () => {
      if (state.status === 'ended') return
      release()
      for (const stop of stopWatching) stop()
      setState({ status: 'ended' })
    },
  }
}
