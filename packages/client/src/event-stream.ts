import { EventSource } from 'eventsource'

type StreamFetch = NonNullable<NonNullable<ConstructorParameters<typeof EventSource>[1]>['fetch']>

/** A refusal as tRPC's client reads it from within a stream; null for an answer that tRPC did not write. */
const refusalIn = (text: string): string | null => {
  try {
    const read: unknown = JSON.parse(text)
    const error = typeof read === 'object' && read !== null && 'error' in read ? read.error : undefined
    return typeof error === 'object' ? `event: serialized-error\ndata: ${JSON.stringify(error)}\n\n` : null
  } catch {
    return null
  }
}

/**
 * How an event stream is fetched: with the headers of this moment on every connection, because a token may have been replaced since the
 * last. An EventSource gives up at any status but 200 and does not say why: a refusal is passed on as tRPC's client knows it (it goes on
 * trying after a 5xx and ends after a 4xx, with the problem). Too many calls, and what a proxy answers while the server is away, count as no
 * connection: it goes on trying.
 */
export const streamFetch =
  (headersOf: () => Promise<Record<string, string>>): StreamFetch =>
  async (address, init) => {
    const answer = await fetch(address, { ...init, headers: { ...init.headers, ...(await headersOf()) } })
    if (answer.ok) return answer
    if (answer.status === 429) {
      await answer.body?.cancel()
      throw new Error('The server answered 429')
    }
    const refusal = refusalIn(await answer.text())
    if (refusal !== null) return new Response(refusal, { headers: { 'content-type': 'text/event-stream' } })
    if (answer.status >= 500) throw new Error(`The server answered ${answer.status}`)
    return answer
  }

export { EventSource }
