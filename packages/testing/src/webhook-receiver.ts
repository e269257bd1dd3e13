import { createServer } from 'node:http'
import { waitFor } from '@pay-to-view/devstack/wait'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'

const Body = z.object({ type: z.string(), timestamp: z.iso.datetime(), data: z.record(z.string(), z.unknown()) })

export interface ReceivedMessage extends z.infer<typeof Body> {
  id: string
  receivedAt: number
}

/**
 * Starts a site's webhook receiver on this machine. It verifies each message with the `standardwebhooks` package. Set `secrets` to the
 * secrets of its endpoints, and `respond` to a function that returns the status (by default 200). `requests` also counts rejected requests.
 */
export const startWebhookReceiver = async () => {
  const received: ReceivedMessage[] = []
  const state = {
    secrets: [] as string[],
    respond: (_message: ReceivedMessage): number | null | Promise<number> => 200,
    ...{ requests: 0, invalid: 0 },
    /** The current number of requests that are waiting for a response, and the maximum so far. */
    waiting: { now: 0, most: 0 },
  }

  const verify = (body: string, headers: Record<string, string>): ReceivedMessage | null => {
    for (const secret of state.secrets) {
      try {
        const { type, timestamp, data } = Body.parse(new Webhook(secret).verify(body, headers))
        return { type, timestamp, data, id: headers['webhook-id'] ?? '', receivedAt: Date.now() }
      } catch {
        // The message is signed with the secret of another endpoint.
      }
    }
    return null
  }

  const server = createServer(async (request, response) => {
    state.requests++
    const body = Buffer.concat(await request.toArray()).toString('utf8')
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const message = verify(body, headers)
    if (!message) {
      state.invalid++
      response.writeHead(401).end('invalid signature')
      return
    }
    state.waiting.most = Math.max(state.waiting.most, ++state.waiting.now)
    const status = await state.respond(message)
    state.waiting.now--
    // Null means that the receiver never responds.
    if (status === null) return
    if (status >= 200 && status < 300) received.push(message)
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`status ${status}`)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The receiver is not listening')

  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    /** The messages that were accepted, in order of arrival. */
    received,
    state,
    /** Waits for a message. */
    waitFor: (what: string, find: (message: ReceivedMessage) => boolean, timeoutMs = 20_000): Promise<ReceivedMessage> =>
      waitFor(what, async () => received.find(find) ?? null, { timeoutMs, intervalMs: 20 }),
    close: (): void => {
      server.closeAllConnections()
      server.close()
    },
  }
}
