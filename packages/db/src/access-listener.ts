import { Client } from 'pg'
import { z } from 'zod'
import { accessChannel } from './access.ts'

export interface AccessListener {
  /**
   * Calls back whenever a user's access may have changed, and whenever we may have missed that it has. Whoever listens reads the grants
   * then. Returns what ends it.
   */
  onAccessChange(userId: string, hear: () => void): () => void
  close(): Promise<void>
}

export interface AccessListenerOptions {
  /** Told of each connection that was lost or could not be had. */
  onConnectionLost?: (error: Error) => void
  /** Milliseconds between two questions whether the connection still lives: one that died silently would hear nothing for ever. */
  heartbeatMs?: number
  /** Milliseconds before a new try: after the first failure, and at most. */
  reconnectMs?: { first: number; max: number }
}

const hint = z.object({ userId: z.string() })

const userIn = (payload: string | undefined): string | null => {
  try {
    return hint.parse(JSON.parse(payload ?? '')).userId
  } catch {
    return null
  }
}

/**
 * Listens for changes of access on a connection of its own: LISTEN belongs to one connection, so neither our pool nor a pooler between
 * can have it. When it is lost another is made; what was told meanwhile nobody heard, so everybody is called then.
 */
export const listenForAccess = (databaseUrl: string, options: AccessListenerOptions = {}): AccessListener => {
  const { onConnectionLost: onLost = () => {}, heartbeatMs: heartbeat = 15_000, reconnectMs: pause = { first: 100, max: 5_000 } } = options
  const hearers = new Map<string, Set<() => void>>()
  let failures = 0
  let closed = false
  let retry: NodeJS.Timeout | undefined
  let leave = async (): Promise<void> => {}

  const connect = (): void => {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'pay-to-view-access',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    })
    let over = false
    const lose = (error: Error): void => {
      if (over) return
      over = true
      clearInterval(beat)
      void client.end().catch(() => {})
      if (closed) return
      onLost(error)
      // Spread, so that servers that lost Postgres at once do not come back at once.
      const longest = Math.min(pause.first * 2 ** failures++, pause.max)
      retry = setTimeout(connect, longest * (0.5 + Math.random() / 2))
    }
    const beat = setInterval(() => client.query('SELECT 1').catch(lose), heartbeat)
    client.on('error', lose)
    client.on('end', () => lose(new Error('Postgres ended the connection')))
    client.on('notification', ({ payload }) => {
      const userId = userIn(payload)
      for (const hear of (userId !== null && hearers.get(userId)) || []) hear()
    })
    leave = async () => {
      over = true
      clearInterval(beat)
      await client.end()
    }
    client
      .connect()
      .then(() => client.query(`LISTEN ${accessChannel}`))
      .then(() => {
        failures = 0
        for (const all of hearers.values()) for (const hear of all) hear()
      })
      .catch(lose)
  }
  connect()

  return {
    onAccessChange: (userId, hear) => {
      const ofUser = hearers.get(userId) ?? new Set()
      hearers.set(userId, ofUser.add(hear))
      return () => {
        ofUser.delete(hear)
        if (ofUser.size === 0 && hearers.get(userId) === ofUser) hearers.delete(userId)
      }
    },
    close: async () => {
      closed = true
      clearTimeout(retry)
      await leave().catch(() => {})
    },
  }
}
