import type { Outputs, PayToViewClient } from '@pay-to-view/client'

/** The maximum number of streams per page. Over HTTP/1.1, a browser allows six connections to a server across all tabs. */
const maxStreams = 3

/** The delay before a rejected stream is reopened. */
const reopenDelayMs = 15_000

export interface AccessListener {
  onState: (state: Outputs['access']['check']) => void
  /** Called when the stream connects or disconnects. */
  onConnectionChange: (isConnected: boolean) => void
}

interface Stream {
  listeners: Set<AccessListener>
  isConnected: boolean
  close: () => void
}

const streamsByClient = new WeakMap<PayToViewClient, Map<string, Stream>>()

const openStream = (client: PayToViewClient, entityId: string): Stream => {
  const listeners = new Set<AccessListener>()
  let reopenTimer: ReturnType<typeof setTimeout> | undefined
  const setConnected = (isConnected: boolean): void => {
    stream.isConnected = isConnected
    for (const { onConnectionChange } of listeners) onConnectionChange(isConnected)
  }
  const subscribe = () =>
    client.access.watch.subscribe(
      { entityId },
      {
        onData: (state) => {
          setConnected(true)
          for (const { onState } of listeners) onState(state)
        },
        onConnectionStateChange: ({ state }) => state !== 'pending' && setConnected(false),
        onError: () => {
          setConnected(false)
          reopenTimer = setTimeout(() => {
            subscription = subscribe()
          }, reopenDelayMs)
        },
      },
    )
  const stream: Stream = {
    listeners,
    isConnected: false,
    close: () => {
      clearTimeout(reopenTimer)
      subscription.unsubscribe()
    },
  }
  let subscription = subscribe()
  return stream
}

/**
 * Subscribes to a user's access to an entity. Listeners for the same access share a stream. If the page already has
 * `maxStreams` streams, the listener is never called, and the caller must poll. Returns the unsubscribe function.
 */
export const subscribeToAccess = (
  client: PayToViewClient,
  { user, entityId }: { user: string; entityId: string },
  listener: AccessListener,
): (() => void) => {
  const streams = streamsByClient.get(client) ?? new Map<string, Stream>()
  streamsByClient.set(client, streams)
  // Several users may sign in with the same client, but they must not share a stream.
  const key = JSON.stringify([user, entityId])
  const existing = streams.get(key)
  if (!existing && streams.size >= maxStreams) return () => undefined
  const stream = existing ?? openStream(client, entityId)
  streams.set(key, stream)
  stream.listeners.add(listener)
  if (stream.isConnected) listener.onConnectionChange(true)
  return () => {
    stream.listeners.delete(listener)
    if (stream.listeners.size > 0) return
    stream.close()
    streams.delete(key)
  }
}
