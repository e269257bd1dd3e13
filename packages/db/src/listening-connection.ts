import { Client } from 'pg'

export interface ListeningConnectionOptions {
  /** The connection's name in Postgres. */
  applicationName: string
  /** The interval between calls of `onHeartbeat`. */
  heartbeatMs: number
  /** Called with each new connection. If the callback rejects, the connection is reopened. */
  onConnect: (client: Client) => Promise<void>
  /** Must send a query. The query detects a connection that died without an error and would never receive another notification. */
  onHeartbeat: (client: Client) => Promise<unknown>
  onNotification: (payload: string | undefined, client: Client) => void
  /** Called when a connection has ended, before `onConnectionLost`. */
  onDisconnect?: () => void
  /** Called for each connection that was lost or could not be opened, but not after the caller has closed the connection. */
  onConnectionLost: (error: Error) => void
}

/** The first and the maximum delay before a reconnect. The delay doubles with each failure. */
const reconnectMs = { first: 100, max: 5_000 }

/**
 * Keeps a dedicated connection to Postgres open. LISTEN and session-level advisory locks are tied to one connection, so they work with
 * neither the pool nor a connection pooler. Returns a function that closes the connection.
 */
export const keepListening = (
  databaseUrl: string,
  { applicationName, heartbeatMs, onDisconnect = () => {}, ...on }: ListeningConnectionOptions,
): (() => Promise<void>) => {
  let failures = 0
  let isClosed = false
  let retry: NodeJS.Timeout | undefined
  let disconnect = async (): Promise<void> => {}

  const connect = (): void => {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    })
    let hasEnded = false
    const reconnect = (error: Error): void => {
      if (hasEnded) return
      hasEnded = true
      clearInterval(heartbeat)
      onDisconnect()
      void client.end().catch(() => {})
      if (isClosed) return
      on.onConnectionLost(error)
      // The random factor spreads out the reconnects of processes that lost their connections at the same time.
      const delayMs = Math.min(reconnectMs.first * 2 ** failures++, reconnectMs.max)
      retry = setTimeout(connect, delayMs * (0.5 + Math.random() / 2))
    }
    const heartbeat = setInterval(() => on.onHeartbeat(client).catch(reconnect), heartbeatMs)
    client.on('error', reconnect)
    client.on('end', () => reconnect(new Error('Postgres ended the connection')))
    client.on('notification', ({ payload }) => on.onNotification(payload, client))
    disconnect = async () => {
      hasEnded = true
      clearInterval(heartbeat)
      await client.end()
    }
    client
      .connect()
      .then(() => on.onConnect(client))
      .then(() => {
        failures = 0
      })
      .catch(reconnect)
  }
  connect()

  return async () => {
    isClosed = true
    clearTimeout(retry)
    await disconnect().catch(() => {})
  }
}
