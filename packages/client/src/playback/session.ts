import { type KnownAccess, needsClick, type PlaybackCalls, type PlaybackSource } from './calls.ts'
import type { PageEvents, WatchPage } from './page.ts'
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
 * One playback session:
 *
 * - starting -> active: the server has granted a place
 * - active -> active: a heartbeat has kept the place and renewed the token
 * - starting, active -> stopped: the server has refused playback, or playback needs a click
 * - stopped -> starting: `restart` was called, or the user has access again
 * - active -> starting: the page was restored
 * - any -> ended: `end` was called
 *
 * When the page is closed, the session gives up its place immediately. It starts again if the back button restores the page.
 */
class RunningSession implements PlaybackSession {
  readonly #options: SessionOptions
  readonly #stopWatching: (() => void)[]
  #state: PlaybackState = { status: 'starting', isOffline: false }
  #lease: { sessionId: string; heartbeatSeconds: number } | null = null
  /** The latest access that allowed playback. It is kept when access ends, so the session can determine why. */
  #known: KnownAccess | null = null
  #hadAccess = true
  /** Whether playback is starting automatically. If so, it must not start a rental's viewing period or end the right of withdrawal. */
  #isAutomatic = false
  #failures = 0
  #dueAt = 0
  #pausedAt: number | null = Date.now()
  #isHidden = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Identifies the current call. Results of earlier calls are ignored. */
  #running: symbol | null = null
  /** The last known position in the current session. */
  #lastPosition: number | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    const { calls, entityId, watchPage, watchAccess = true } = options
    const events: PageEvents = {
      onWake: () => (this.#failures > 0 ? this.renew() : this.#tick()),
      onHide: () => {
        this.#isHidden = true
        this.#release()
      },
      onShow: () => {
        this.#isHidden = false
        if (this.#isLive()) this.#start({ isAutomatic: true })
      },
    }
    this.#stopWatching = [watchPage(events), ...(watchAccess ? [calls.watchAccess(entityId, this.setAccess)] : [])]
    void this.#call()
  }

  get state(): PlaybackState {
    return this.#state
  }

  readonly setPlaying = (isPlaying: boolean): void => {
    this.#pausedAt = isPlaying ? null : (this.#pausedAt ?? Date.now())
    this.#readPosition()
    if (isPlaying) this.#tick()
  }

  readonly renew = (): void => {
    if (this.#isLive() && !this.#isHidden && this.#running === null) void this.#call()
  }

  readonly setAccess = (access: KnownAccess): void => {
    if (access.hasAccess) this.#known = access
    const hasChanged = access.hasAccess !== this.#hadAccess
    this.#hadAccess = access.hasAccess
    const state = this.#state
    if (!access.hasAccess && state.status === 'active') this.renew()
    const canRestart = access.hasAccess && hasChanged && !needsClick(access)
    if (canRestart && state.status === 'stopped' && isAboutAccess(state.stop)) this.#start({ isAutomatic: true })
  }

  readonly restart = ({ takeOver = false }: { takeOver?: boolean } = {}): void => this.#start({ isAutomatic: false, takeOver })

  readonly end = (): void => {
    if (this.#state.status === 'ended') return
    this.#release()
    for (const stop of this.#stopWatching) stop()
    this.#setState({ status: 'ended' })
  }

  #setState(state: PlaybackState): void {
    this.#state = state
    this.#options.onChange(state)
  }

  #isLive(): boolean {
    return this.#state.status === 'starting' || this.#state.status === 'active'
  }

  #hasReleasedPlace(): boolean {
    return this.#lease !== null && this.#pausedAt !== null && Date.now() - this.#pausedAt >= pauseLimitMs
  }

  /** Returns the position in whole seconds, or the last position if the media has been removed. Undefined if it is unknown. */
  #readPosition(): number | undefined {
    const seconds = this.#options.position?.() ?? Number.NaN
    if (this.#lease && Number.isFinite(seconds)) this.#lastPosition = Math.max(0, Math.floor(seconds))
    return this.#lastPosition
  }

  #schedule(at: number): void {
    this.#dueAt = at
    this.#tick()
  }

  /** Calls the server when a heartbeat or retry is due. Waits in short intervals, because timers stop while a computer sleeps. */
  readonly #tick = (): void => {
    clearTimeout(this.#timer)
    this.#readPosition()
    if (!this.#isLive() || this.#isHidden || this.#running !== null || this.#hasReleasedPlace()) return
    const waitMs = this.#dueAt - Date.now()
    if (waitMs <= 0) void this.#call()
    else this.#timer = setTimeout(this.#tick, Math.min(maxTimerMs, waitMs))
  }

  async #call(takeOver = false): Promise<void> {
    clearTimeout(this.#timer)
    const self = Symbol()
    const isCurrent = () => this.#running === self
    this.#running = self
    const lease = this.#lease
    try {
      if (this.#isAutomatic && !lease) {
        const access = await this.#options.calls.checkAccess(this.#options.entityId)
        if (!isCurrent()) return
        if (needsClick(access)) return this.#stop({ reason: 'click_required' })
      }
      const state = this.#state
      const source =
        lease && state.status === 'active' ? await this.#heartbeat(lease, state.source) : await this.#open(takeOver, isCurrent)
      if (!isCurrent()) return
      this.#running = null
      this.#failures = 0
      this.#setState({ status: 'active', source, isOffline: false })
      if (this.#lease) this.#schedule(nextHeartbeatAt({ ...this.#lease, expiresAt: source.expiresAt }, Date.now()))
    } catch (error) {
      if (isCurrent()) await this.#fail(error, lease ? 'heartbeat' : 'start', isCurrent)
    }
  }

  /** Starts a session on the server. */
  async #open(takeOver: boolean, isCurrent: () => boolean): Promise<PlaybackSource> {
    const { calls, entityId, deviceId } = this.#options
    const { sessionId, heartbeatSeconds, ...source } = await calls.start({ entityId, deviceId, takeOver })
    // The page may have ended the session during the call.
    if (!isCurrent()) void calls.end({ sessionId, positionSeconds: undefined }).catch(() => undefined)
    else {
      this.#lease = { sessionId, heartbeatSeconds }
      this.#lastPosition = undefined
      this.#known ??= { hasAccess: true, expiresAt: null, purchaseId: null }
    }
    return source
  }

  async #heartbeat({ sessionId }: { sessionId: string }, last: PlaybackSource): Promise<PlaybackSource> {
    return { ...last, ...(await this.#options.calls.heartbeat({ sessionId, positionSeconds: this.#readPosition() })) }
  }

  async #fail(error: unknown, name: 'start' | 'heartbeat', isCurrent: () => boolean): Promise<void> {
    const failure = failureOf(error, name)
    const stop = failure.next === 'find_reason' ? await this.#findReason() : failure.next === 'stop' ? failure.stop : null
    if (!isCurrent()) return
    if (stop !== null) return this.#stop(stop)
    this.#running = null
    if (failure.next === 'restart') {
      this.#lease = null
      this.#isAutomatic = true
    }
    this.#failures += 1
    if ('isOffline' in this.#state && failure.next === 'retry') this.#setState({ ...this.#state, isOffline: true })
    this.#schedule(Date.now() + retryDelayMs(this.#failures, (this.#options.random ?? Math.random)()))
  }

  #stop(stop: PlaybackStop): void {
    this.#running = null
    this.#lease = null
    this.#setState({ status: 'stopped', stop })
  }

  async #findReason(): Promise<PlaybackStop> {
    const purchaseId = this.#known?.purchaseId ?? null
    const status = purchaseId === null ? null : await this.#options.calls.purchaseStatus(purchaseId).catch(() => null)
    return endOfAccess(this.#known, status, Date.now())
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#running = null
    if (this.#lease) {
      const { sessionId } = this.#lease
      void this.#options.calls.end({ sessionId, positionSeconds: this.#readPosition() }).catch(() => undefined)
    }
    this.#lease = null
  }

  #start({ isAutomatic, takeOver = false }: { isAutomatic: boolean; takeOver?: boolean }): void {
    if (this.#state.status === 'ended') return
    this.#isAutomatic = isAutomatic
    this.#release()
    this.#failures = 0
    this.#pausedAt &&= Date.now()
    this.#setState({ status: 'starting', isOffline: false })
    void this.#call(takeOver)
  }
}

/** Returns a plain object instead of the class instance, because a proxy of the instance, as in Vue, could not use its private fields. */
export const runPlaybackSession = (options: SessionOptions): PlaybackSession => {
  const session = new RunningSession(options)
  const { setPlaying, renew, setAccess, restart, end } = session
  return {
    get state() {
      return session.state
    },
    ...{ setPlaying, renew, setAccess, restart, end },
  }
}
