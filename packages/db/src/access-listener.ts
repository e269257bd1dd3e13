import type { Client } from 'pg'
import { z } from 'zod'
import { accessChannel } from './access.ts'
import { keepListening } from './listening-connection.ts'

export interface AccessListener {
  /**
   * Calls `callback` whenever a user's access may have changed. This includes every reconnect, because notifications may have been missed.
   * The callback must read the grants again. Returns a function that unsubscribes.
   */
  onAccessChange(userId: string, callback: () => void): () => void
  /**
   * Calls `callback` whenever the release of an entity or of one of its containers was moved, which may have changed all users' access to
   * the entity. Returns a function that unsubscribes.
   */
  onEntityChange(entityId: string, callback: () => void): () => void
  close(): Promise<void>
}

export interface AccessListenerOptions {
  /** Called for each connection that was lost or could not be opened. */
  onConnectionLost?: (error: Error) => void
}

const heartbeatMs = 15_000

/** A notification without a user id applies to all users. */
const notificationPayload = z.object({ userId: z.string().optional(), entityId: z.string().optional() })

const readNotification = (payload: string | undefined): z.infer<typeof notificationPayload> => {
  try {
    return notificationPayload.parse(JSON.parse(payload ?? ''))
  } catch {
    return {}
  }
}

/** The callbacks for each user id or entity id. */
const createSubscriptions = () => {
  const callbacks = new Map<string, Set<() => void>>()
  return {
    ids: () => [...callbacks.keys()],
    subscribe: (id: string, callback: () => void): (() => void) => {
      const ofId = callbacks.get(id) ?? new Set()
      callbacks.set(id, ofId.add(callback))
      return () => {
        ofId.delete(callback)
        if (ofId.size === 0 && callbacks.get(id) === ofId) callbacks.delete(id)
      }
    },
    notify: (id: string): void => {
      for (const callback of callbacks.get(id) ?? []) callback()
    },
    notifyAll: (): void => {
      for (const ofId of callbacks.values()) for (const callback of ofId) callback()
    },
  }
}

/**
 * Listens for changes to access on a dedicated connection. After a reconnect, the callbacks of all users are called, because notifications
 * sent while the connection was down were lost.
 */
export const listenForAccess = (
  databaseUrl: string,
  { onConnectionLost = () => {} }: AccessListenerOptions = {},
): AccessListener => {
  const users = createSubscriptions()
  const entities = createSubscriptions()

  /** Access to a container includes its members, so listeners of the members are notified too. */
  const notifyEntity = async (client: Client, entityId: string): Promise<void> => {
    const watched = entities.ids()
    if (watched.length === 0) return
    const { rows } = await client.query<{ id: string }>(
      'SELECT $1 AS id UNION SELECT member_id FROM containments WHERE container_id = $1 AND member_id = ANY ($2)',
      [entityId, watched],
    )
    for (const { id } of rows) entities.notify(id)
  }

  const close = keepListening(databaseUrl, {
    applicationName: 'pay-to-view-access',
    heartbeatMs,
    onConnect: async (client) => {
      await client.query(`LISTEN ${accessChannel}`)
      users.notifyAll()
    },
    onHeartbeat: (client) => client.query('SELECT 1'),
    onNotification: (payload, client) => {
      const { userId, entityId } = readNotification(payload)
      if (userId !== undefined) users.notify(userId)
      // If the members cannot be read, all listeners are notified, because an unnecessary read does no harm.
      else if (entityId !== undefined) void notifyEntity(client, entityId).catch(() => entities.notifyAll())
    },
    onConnectionLost,
  })

  return { onAccessChange: users.subscribe, onEntityChange: entities.subscribe, close }
}
