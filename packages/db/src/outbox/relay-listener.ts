import type { Client } from 'pg'
import { keepListening } from '../listening-connection.ts'
import { outboxChannel } from './record-messages.ts'

/** The two numbers that identify the relay's advisory lock. `roll_up_sales` uses different numbers. */
const lockKey = [20_261, 129] as const

const heartbeatMs = 5_000

export interface RelayListener {
  close(): Promise<void>
}

export interface RelayListenerOptions {
  /** Called for each notification and at each heartbeat while this process is the relay. Calls do not overlap. */
  run: () => Promise<void>
  /** Called when a notification names an endpoint, while this process is the relay. */
  onEndpoint: (endpointId: string) => void
  onConnectionLost?: (error: Error) => void
  /** Called when this process becomes the relay or stops being the relay. */
  onChange?: (isRelay: boolean) => void
}

/**
 * Makes one process per database the relay: the process whose dedicated connection holds an advisory lock. The lock is released when that
 * connection ends. All other processes try to get the lock with each heartbeat. The connection also listens for new messages, so it must
 * not go through a connection pooler.
 */
export const listenAsRelay = (
  databaseUrl: string,
  { run, onEndpoint, onConnectionLost = () => {}, onChange = () => {} }: RelayListenerOptions,
): RelayListener => {
  let isClosed = false
  let isRelay = false
  let running: Promise<void> | null = null
  let isAgain = false

  const setRelay = (value: boolean): void => {
    if (isRelay === value) return
    isRelay = value
    onChange(value)
  }

  const wake = (): void => {
    if (!isRelay || isClosed) return
    if (running) {
      isAgain = true
      return
    }
    running = run()
      // If this fails, the next heartbeat tries again.
      .catch(onConnectionLost)
      .finally(() => {
        running = null
        if (!isAgain) return
        isAgain = false
        wake()
      })
  }

  const tryLock = async (client: Client): Promise<void> => {
    if (!isRelay) {
      const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [...lockKey])
      if (rows[0]?.locked !== true) return
      await client.query(`LISTEN ${outboxChannel}`)
      setRelay(true)
    } else {
      await client.query('SELECT 1')
    }
    wake()
  }

  const disconnect = keepListening(databaseUrl, {
    applicationName: 'pay-to-view-relay',
    heartbeatMs,
    onConnect: tryLock,
    onHeartbeat: tryLock,
    onNotification: (payload) => {
      if (payload && isRelay) onEndpoint(payload)
      else wake()
    },
    onDisconnect: () => setRelay(false),
    onConnectionLost,
  })

  return {
    close: async () => {
      isClosed = true
      await running
      await disconnect()
    },
  }
}
