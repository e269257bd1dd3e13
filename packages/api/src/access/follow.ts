import type { AccessState } from './state.ts'

/** Tells when a user's access may have changed. A hint only: whoever hears it reads. */
export interface AccessChanges {
  /** Returns what ends it. */
  onAccessChange(userId: string, hear: () => void): () => void
}

export interface Following {
  read: () => Promise<AccessState>
  /** Begins to listen; what it returns ends that. */
  listen: (hear: () => void) => () => void
  /** Milliseconds since the epoch: a stream lasts no longer than the token that it was opened with. */
  until: number
  /** The viewer has gone. */
  gone: AbortSignal | undefined
  /** The server stops: the viewer's client connects to another. */
  stopping: AbortSignal
}

/** The longest that a timer of Node takes. */
const longestTimer = 2 ** 31 - 1

/** Postgres says when access ends, by its own clock: ask again after a moment when ours is ahead. */
const clockSkew = 250

/** tRPC ends a stream that throws this without a word, so that the client connects again; one that returns is over for the client. */
const cut = () => new DOMException('The stream ends here', 'AbortError')

/** The state now, and each time that it has become another: by a hint, or because its time is over. */
export async function* follow({ read, listen, until, gone, stopping }: Following): AsyncGenerator<AccessState, void> {
  let heard = false
  let wake = () => {}
  const hear = () => {
    heard = true
    wake()
  }
  // Listens before it reads: what changes in between is heard.
  const unlisten = listen(hear)
  const signals = [stopping, ...(gone ? [gone] : [])]
  for (const signal of signals) signal.addEventListener('abort', hear)
  let timer: NodeJS.Timeout | undefined
  try {
    for (let told = ''; ; ) {
      if (gone?.aborted) return
      if (stopping.aborted || Date.now() >= until) throw cut()
      heard = false
      const state = await read()
      const now = JSON.stringify(state)
      if (now !== told) {
        told = now
        yield state
      }
      const ends = state.expiresAt === null ? until : Math.min(until, Date.parse(state.expiresAt))
      await new Promise<void>((resolve) => {
        wake = resolve
        timer = setTimeout(resolve, Math.min(Math.max(ends - Date.now(), clockSkew), longestTimer))
        if (heard || signals.some((signal) => signal.aborted)) resolve()
      })
      clearTimeout(timer)
    }
  } finally {
    clearTimeout(timer)
    unlisten()
    for (const signal of signals) signal.removeEventListener('abort', hear)
  }
}
