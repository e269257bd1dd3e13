import {
  type Db,
  dispatchBatchSize,
  dispatchMessages,
  endpointsWithPendingDeliveries,
  listenAsRelay,
  overdueRetries,
  type RelayListener,
  releaseDueMessages,
} from '@pay-to-view/db'
import type { WebhookClient } from '@pay-to-view/workflow-client/webhooks'

export interface WebhookRelayDeps {
  /** The URL for a direct connection, without a connection pooler. */
  databaseUrl: string
  db: Db
  webhooks: WebhookClient
  onError: (error: unknown) => void
  onChange?: (isRelay: boolean) => void
}

/** The minimum interval between two signals to a workflow. In between, the workflow's activity finds new messages without a signal. */
const wakeIntervalMs = 100
const sweepIntervalMs = 5_000
/** A retry counts as missing when it is this late; before that, its worker may just be busy. */
const overdueMs = 120_000
const maxOverdue = 100

/** Wakes each endpoint immediately, and again at the end of the interval if another notification for the endpoint arrived in between. */
const createWaker = (wake: (endpointId: string) => Promise<void>, onError: (error: unknown) => void) => {
  const waiting = new Map<string, boolean>()
  const wakeNow = (endpointId: string): void => {
    waiting.set(endpointId, false)
    // If the signal fails, the sweep wakes the endpoint later.
    wake(endpointId).catch(onError)
    setTimeout(() => {
      const isNamedAgain = waiting.get(endpointId) === true
      waiting.delete(endpointId)
      if (isNamedAgain) wakeNow(endpointId)
    }, wakeIntervalMs).unref()
  }
  return (endpointId: string): void => {
    if (waiting.has(endpointId)) waiting.set(endpointId, true)
    else wakeNow(endpointId)
  }
}

/**
 * Moves messages from the outbox to the endpoints' workflows. The relay runs in every worker, but it is active in only one worker. Its
 * state can be rebuilt from the database, so the next sweep completes the work that a crash left unfinished.
 */
export const startWebhookRelay = ({ databaseUrl, db, webhooks, onError, onChange }: WebhookRelayDeps): RelayListener => {
  const wake = createWaker(webhooks.wake, onError)
  let sweptAt = Number.NEGATIVE_INFINITY

  const dispatchAll = async (): Promise<void> => {
    for (;;) {
      const { messages, endpointIds } = await dispatchMessages(db)
      for (const id of endpointIds) wake(id)
      if (messages < dispatchBatchSize) return
    }
  }
  const sweep = async (): Promise<void> => {
    if (performance.now() - sweptAt < sweepIntervalMs - 500) return
    sweptAt = performance.now()
    while ((await releaseDueMessages(db)) > 0) await dispatchAll()
    for (const id of await endpointsWithPendingDeliveries(db)) wake(id)
    for (const delivery of await overdueRetries(db, new Date(Date.now() - overdueMs), maxOverdue))
      await webhooks.startRetries(delivery, { delayMs: 0, replace: false })
  }
  return listenAsRelay(databaseUrl, {
    run: async () => {
      await dispatchAll()
      await sweep()
    },
    onEndpoint: wake,
    onConnectionLost: onError,
    onChange,
  })
}
