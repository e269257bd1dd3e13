import type { Outputs, PayToViewClient } from '@pay-to-view/client'

/** Streams that a page opens: over HTTP/1.1 a browser has six connections to one server, for all of its tabs, and calls need some of them. */
const most = 3

/** Milliseconds after which a stream that was refused (too many are open, a token was too old) is opened again. */
const patience = 15_000

export interface AccessListener {
  onState: (state: Outputs['access']['check']) => void
  /** Whether the server tells changes now. */
  onTold: (told: boolean) => void
}

interface Stream {
  listeners: Set<AccessListener>
  told: boolean
  end: () => void
}

const streams = new WeakMap<PayToViewClient, Map<string, Stream>>()

const openStream = (client: PayToViewClient, entityId: string): Stream => {
  const listeners = new Set<AccessListener>()
  let again: ReturnType<typeof setTimeout> | undefined
  const tell = (told: boolean): void => {
    stream.told = told
    for (const { onTold } of listeners) onTold(told)
  }
  const subscribe = () =>
    client.access.watch.subscribe(
      { entityId },
      {
        onData: (state) => {
          tell(true)
          for (const { onState } of listeners) onState(state)
        },
        onConnectionStateChange: ({ state }) => state !== 'pending' && tell(false),
        onError: () => {
          tell(false)
          again = setTimeout(() => {
            subscription = subscribe()
          }, patience)
        },
      },
    )
  const stream: Stream = {
    listeners,
    told: false,
    end: () => {
      clearTimeout(again)
      subscription.unsubscribe()
    },
  }
  let subscription = subscribe()
  return stream
}

/**
 * Hears of a user's access to an entity, by one stream for all who ask for the same on this page. Where as many are open as a page may have,
 * nothing is heard: who asks has to ask again. Returns what ends it.
 */
export const listenToAccess = (
  client: PayToViewClient,
  { user, entityId }: { user: string; entityId: string },
  listener: AccessListener,
): (() => void) => {
  const open = streams.get(client) ?? new Map<string, Stream>()
  streams.set(client, open)
  // A client may be that of one user after another: what one of them is told is not for the other.
  const key = JSON.stringify([user, entityId])
  const known = open.get(key)
  if (!known && open.size >= most) return () => undefined
  const stream = known ?? openStream(client, entityId)
  open.set(key, stream)
  stream.listeners.add(listener)
  if (stream.told) listener.onTold(true)
  return () => {
    stream.listeners.delete(listener)
    if (stream.listeners.size > 0) return
    stream.end()
    open.delete(key)
  }
}
