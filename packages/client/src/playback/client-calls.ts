import type { PayToViewClient } from '../client.ts'
import type { PlaybackCalls } from './calls.ts'

/** A call without a response within this time fails and is retried. */
const timeoutMs = 15_000

/** Implements the calls of a playback session with the typed client. */
export const clientCalls = ({ access, purchases }: PayToViewClient): PlaybackCalls => {
  const withTimeout = () => ({ signal: AbortSignal.timeout(timeoutMs) })
  return {
    start: (input) => access.playback.start.mutate(input, withTimeout()),
    heartbeat: (input) => access.playback.heartbeat.mutate(input, withTimeout()),
    // Sent even while the page is closing.
    end: (input) => access.playback.end.mutate(input, { context: { keepalive: true } }),
    purchaseStatus: async (id) => (await purchases.get.query({ id }, withTimeout())).status,
    checkAccess: (entityId) => access.check.query({ entityId }, withTimeout()),
    watchAccess: (entityId, onData) => {
      const subscription = access.watch.subscribe({ entityId }, { onData })
      return () => subscription.unsubscribe()
    },
  }
}
