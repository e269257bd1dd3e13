import { setTimeout as sleep } from 'node:timers/promises'
import { type AttemptOutcome, type DeliveryTarget, type DueDelivery, deliveryTarget, pendingDeliveries } from '@pay-to-view/db'
import type { DeliverPendingResult } from '@pay-to-view/workflow-client/types'
import { Context } from '@temporalio/activity'
import { deliver, type WebhookActivityDeps } from './deliver.ts'
import type { EndpointLimiter } from './endpoint-limiter.ts'
import { createOutcomeWriter } from './outcome-writer.ts'

/** After this time, the activity ends, so that another worker can continue and the history shows the progress. */
const defaultDurationMs = 10_000
const maxPageSize = 100
/**
 * A page contains as many messages as the endpoint's rate allows in this time, so few messages are queued in memory when the activity has to
 * end.
 */
const pageSeconds = 2
/** The interval between checks for new messages while requests are in progress. */
const pollMs = 100

/** Starts the retries of a message, after its outcome was written. If the process is killed in between, the relay's sweep starts them. */
const startRetries = async ({ retries }: WebhookActivityDeps, endpointId: string, outcome: AttemptOutcome): Promise<void> => {
  if (outcome.nextAttemptAt === null) return
  const delayMs = Math.max(0, outcome.nextAttemptAt.getTime() - Date.now())
  await retries.startRetries({ endpointId, messageId: outcome.messageId }, { delayMs, replace: true })
}

/** Sends messages until the endpoint has no messages left or is disabled, or the time or the limit is reached. */
const sendAll = async (
  deps: WebhookActivityDeps,
  target: DeliveryTarget,
  { queue, maxPerSecond }: EndpointLimiter,
  { limit, durationMs }: { limit: number; durationMs: number },
): Promise<DeliverPendingResult> => {
  const record = createOutcomeWriter(deps.db, target.id)
  const pageSize = Math.max(1, Math.min(maxPageSize, Math.floor(maxPerSecond * pageSeconds)))
  const deadline = Date.now() + durationMs
  const { cancellationSignal } = Context.current()
  const inProgress = new Map<string, Promise<void>>()
  const errors: unknown[] = []
  const counts = { succeeded: 0, failed: 0 }
  let started = 0
  let isDisabled = false
  let isIdle = false

  const hasToEnd = (): boolean => isDisabled || Date.now() >= deadline || cancellationSignal.aborted

  const send = async (delivery: DueDelivery): Promise<void> => {
    // Messages that are still queued stay pending.
    if (hasToEnd()) return
    const { outcome, ...result } = await deliver(deps, target, delivery, record)
    if (outcome === null) return
    if (outcome.result === 'succeeded') counts.succeeded++
    else if (outcome.isNeutral !== true) counts.failed++
    if (result.isDisabled) isDisabled = true
    else await startRetries(deps, target.id, outcome)
  }
  const start = (delivery: DueDelivery): void => {
    started++
    const sent = queue
      .add(() => send(delivery))
      .catch((error: unknown) => void errors.push(error))
      .finally(() => inProgress.delete(delivery.messageId))
    inProgress.set(delivery.messageId, sent)
  }

  while (!hasToEnd() && errors.length === 0 && started < limit) {
    const page = { limit: Math.min(pageSize, limit - started), except: [...inProgress.keys()] }
    const due = await pendingDeliveries(deps.db, target.id, page)
    for (const delivery of due) start(delivery)
    isIdle = due.length === 0 && inProgress.size === 0
    if (isIdle) break
    if (due.length === pageSize) await Promise.race([queue.onSizeLessThan(pageSize / 2), sleep(deadline - Date.now())])
    else await Promise.race([sleep(pollMs), Promise.all(inProgress.values())])
  }
  await Promise.all(inProgress.values())
  if (errors.length > 0) throw errors[0]
  return { state: isDisabled ? 'disabled' : isIdle ? 'idle' : 'more', ...counts }
}

export const deliverAllPending = async (
  deps: WebhookActivityDeps,
  limiterOf: (target: DeliveryTarget) => EndpointLimiter,
  { endpointId, limit }: { endpointId: string; limit: number },
  durationMs = defaultDurationMs,
): Promise<DeliverPendingResult> => {
  const target = await deliveryTarget(deps.db, endpointId)
  if (!target?.enabled) return { state: 'disabled', succeeded: 0, failed: 0 }
  return sendAll(deps, target, limiterOf(target), { limit, durationMs })
}
