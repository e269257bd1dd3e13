import type { AccessState } from './state.ts'

export interface AccessChanges {
  /**
   * Calls `listener` whenever the user's access may have changed; the listener must then check access. Returns the unsubscribe function.
   */
  onAccessChange(userId: string, listener: () => void): () => void
  /** Calls `listener` after changes that affect all users of an entity, such as a changed release date. */
  onEntityChange(entityId: string, listener: () => void): () => void
}

export interface AccessStreamOptions {
  read: () => Promise<AccessState>
  /**
   * Calls `onUserChange` when the user's access may have changed, and `onEntityChange` when many users' access may have changed. Returns
   * the unsubscribe function.
   */
  subscribe: (onUserChange: () => void, onEntityChange: () => void) => () => void
  /**
   * The maximum delay before a read that many streams make at the same moment, for example when a live event opens. Each stream waits for a
   * random part of this delay.
   */
  maxJitterMs: () => number
  /** Milliseconds since the epoch. The stream ends when the token that opened it expires. */
  tokenExpiresAt: number
  /** Aborted when the client disconnects. */
  disconnected: AbortSignal | undefined
  /** Aborted when the server stops. The client then reconnects to another server. */
  stopping: AbortSignal
}

/** The maximum delay of a timer in Node. */
const maxTimerMs = 2 ** 31 - 1

/** Postgres's clock decides when access starts and ends. If our clock is ahead, access is checked again after this delay. */
const clockSkewMs = 250

/**
 * When the generator throws this error, tRPC ends the stream silently and the client reconnects. If the generator returned instead, the
 * client would treat the stream as complete.
 */
const reconnectError = () => new DOMException('The stream ends so that the client reconnects', 'AbortError')

/**
 * Yields the current access state first, and then the new state whenever access changes: after a notification, or when access starts,
 * continues with another rental, or expires.
 */
export async function* streamAccess({
  read,
  subscribe,
  maxJitterMs,
  tokenExpiresAt,
  disconnected,
  stopping,
}: AccessStreamOptions): AsyncGenerator<AccessState, void> {
  let isStale = false
  let wake = () => {}
  const listener = () => {
    isStale = true
    wake()
  }
  const jitterMs = (): number => Math.random() * maxJitterMs()
  let laterRead: NodeJS.Timeout | undefined
  const onEntityChange = () => {
    laterRead ??= setTimeout(() => {
      laterRead = undefined
      listener()
    }, jitterMs())
  }
  // Subscribes before the first read, so no change is missed between the read and the subscription.
  const unsubscribe = subscribe(listener, onEntityChange)
  const signals = [stopping, ...(disconnected ? [disconnected] : [])]
  for (const signal of signals) signal.addEventListener('abort', listener)
  let timer: NodeJS.Timeout | undefined
  try {
    for (let lastSent = ''; ; ) {
      if (disconnected?.aborted) return
      if (stopping.aborted || Date.now() >= tokenExpiresAt) throw reconnectError()
      isStale = false
      const state = await read()
      const serialized = JSON.stringify(state)
      if (serialized !== lastSent) {
        lastSent = serialized
        yield state
      }
      const changesAt = state.hasAccess ? (state.nextRental?.startsAt ?? state.expiresAt) : state.startsAt
      // Many streams may wait for the same moment, so each one reads after a random delay. The delay is never negative, so the read sees
      // the change.
      const nextChangeAt = changesAt === null ? tokenExpiresAt : Math.min(tokenExpiresAt, Date.parse(changesAt) + jitterMs())
      await new Promise<void>((resolve) => {
        wake = resolve
        timer = setTimeout(resolve, Math.min(Math.max(nextChangeAt - Date.now(), clockSkewMs), maxTimerMs))
        if (isStale || signals.some((signal) => signal.aborted)) resolve()
      })
      clearTimeout(timer)
    }
  } finally {
    clearTimeout(timer)
    clearTimeout(laterRead)
    unsubscribe()
    for (const signal of signals) signal.removeEventListener('abort', listener)
  }
}
