import { Client } from 'pg'
import { z } from 'zod'
import { accessChannel } from './access.ts'

export interface AccessListener {
  /**
   * Calls back whenever a user's access may have changed, including after a reconnect, when notifications may have been missed. The
   * callback reads the grants. Returns a function that unsubscribes.
   */
  onAccessChange(userId: string, callback: () => void): () => void
  close(): Promise<void>
}

export interface AccessListenerOptions {
  /** Called for each connection that was lost or could not be opened. */
  onConnectionLost?: (error: Error) => void
}

/** Detects a connection that died without an error and would never receive anything again. */
const heartbeatMs = 15_000

/** The delay doubles with each failure. */
const reconnectMs = { first: 100, max: 5_000 }

const notificationPayload = z.object({ userId: z.string() })

const userIdIn = (payload: string | undefined): string | null => {
  try {
    return notificationPayload.parse(JSON.parse(payload ?? '')).userId
  } catch {
    return null
  }
}

/**
 * Listens for changes to access on a connection of its own: LISTEN belongs to one connection, so neither the pool nor a connection pooler
 * can hold it. After a reconnect all listeners are called, because notifications in between were lost.
 */
export const listenForAccess = (
  databaseUrl: string,
  { onConnectionLost = () => {} }: AccessListenerOptions = {},
): AccessListener => {
  const listeners = new Map<string, Set<() => void>>()
  let failures = 0
  let isClosed = false
  let retry: NodeJS.Timeout | undefined
  let disconnect = async (): Promise<void> => {}

  const connect = (): void => {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'pay-to-view-access',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    })
    let hasEnded = false
    const reconnect = (error: Error): void => {
      if (hasEnded) return
      hasEnded = true
      clearInterval(heartbeat)
      void client.end().catch(() => {})
      if (isClosed) return
      onConnectionLost(error)
      // Random, so that servers that lost Postgres at the same time do not reconnect at the same time.
      const delayMs = Math.min(reconnectMs.first * 2 ** failures++, reconnectMs.max)
      retry = setTimeout(connect, delayMs * (0.5 + Math.random() / 2))
    }
    const heartbeat = setInterval(() => client.query('SELECT 1').catch(reconnect), heartbeatMs)
    client.on('error', reconnect)
    client.on('end', () => reconnect(new Error('Postgres ended the connection')))
    client.on('notification', ({ payload }) => {
      const userId = userIdIn(payload)
      for (const callback of (userId !== null && listeners.get(userId)) || []) callback()
    })
    disconnect = async () => {
      hasEnded = true
      clearInterval(heartbeat)
      await client.end()
    }
    client
      .connect()
      .then(() => client.query(`LISTEN ${accessChannel}`))
      .then(() => {
        failures = 0
        for (const callbacks of listeners.values()) for (const callback of callbacks) callback()
      })
      .catch(reconnect)
  }
  connect()

  return {
    onAccessChange: (userId, callback) => {
      const callbacks = listeners.get(userId) ?? new Set()
      listeners.set(userId, callbacks.add(callback))
      return () => {
        callbacks.delete(callback)
        if (callbacks.size === 0 && listeners.get(userId) === callbacks) listeners.delete(userId)
      }
    },
    close: async () => {
      isClosed = true
      clearTimeout(retry)
      await disconnect().catch(() => {})
    },
  }
}
