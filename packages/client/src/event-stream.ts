import { EventSource } from 'eventsource'

type StreamFetch = NonNullable<NonNullable<ConstructorParameters<typeof EventSource>[1]>['fetch']>

/** Converts a tRPC error body to the event that tRPC's client expects in a stream. Returns null for a body that tRPC did not write. */
const toErrorEvent = (body: string): string | null => {
  try {
    const parsed: unknown = JSON.parse(body)
    const error = typeof parsed === 'object' && parsed !== null && 'error' in parsed ? parsed.error : undefined
    return typeof error === 'object' ? `event: serialized-error\ndata: ${JSON.stringify(error)}\n\n` : null
  } catch {
    return null
  }
}

/**
 * Returns a `fetch` function for event streams. It calls `getHeaders` for every connection, because the token may have been replaced.
 *
 * An EventSource stops at any status except 200 and hides the reason, so this function converts errors: an error from tRPC becomes an error
 * event. tRPC's client reconnects after a 5xx and stops after a 4xx. A 429, or a 5xx from a proxy, counts as a lost connection and is
 * retried.
 */
export const streamFetch =
  (getHeaders: () => Promise<Record<string, string>>): StreamFetch =>
  async (url, init) => {
    const response = await fetch(url, { ...init, headers: { ...init.headers, ...(await getHeaders()) } })
    if (response.ok) return response
    if (response.status === 429) {
      await response.body?.cancel()
      throw new Error('The server responded with 429')
    }
    const errorEvent = toErrorEvent(await response.text())
    if (errorEvent !== null) return new Response(errorEvent, { headers: { 'content-type': 'text/event-stream' } })
    if (response.status >= 500) throw new Error(`The server responded with ${response.status}`)
    return response
  }

export { EventSource }
