import { type DeliveryTarget, deliveryTarget, describeError, findDelivery, recordAttempts } from '@pay-to-view/db'
import type { WebhookDeliveryInput, WebhookDeliveryResult } from '@pay-to-view/workflow-client/types'
import { ApplicationFailure } from '@temporalio/activity'
import type { WebhookActivities } from '../types.ts'
import { deliver, type WebhookActivityDeps } from './deliver.ts'
import { deliverAllPending } from './deliver-pending.ts'
import { createEndpointLimiter, type EndpointLimiter, type EndpointLimits } from './endpoint-limiter.ts'

export type { WebhookActivityDeps, WebhookAttempt } from './deliver.ts'
export type { EndpointLimits } from './endpoint-limiter.ts'
export type { EmailDeps } from './send-email.ts'

/**
 * If other messages of the endpoint are waiting, an attempt ends and is retried after this delay, so the attempt does not occupy a worker
 * slot.
 */
const busyDelayMs = 5_000

const failure = (type: string, message: string, nextRetryDelay: number): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nextRetryDelay })

const attempt = async (
  deps: WebhookActivityDeps,
  limiterOf: (target: DeliveryTarget) => EndpointLimiter,
  { endpointId, messageId }: WebhookDeliveryInput,
): Promise<WebhookDeliveryResult> => {
  const { db } = deps
  const target = await deliveryTarget(db, endpointId)
  const delivery = await findDelivery(db, endpointId, messageId)
  if (!target?.enabled || !delivery) return 'abandoned'
  // The message already has its final outcome, or was resent and is again waiting for its first attempt.
  if (delivery.status !== 'failing') return delivery.status === 'pending' ? 'abandoned' : delivery.status
  const { queue } = limiterOf(target)
  if (queue.size > 0)
    throw failure('EndpointBusy', 'Other messages of the endpoint are sent first', busyDelayMs * (1 + Math.random()))
  const result = await queue.add(() => deliver(deps, target, delivery, (outcome) => recordAttempts(db, endpointId, [outcome])))
  const { outcome, isDisabled } = result
  if (isDisabled || outcome === null) return 'abandoned'
  if (outcome.result !== 'failing') return outcome.result
  const reason = outcome.error ?? `The endpoint responded with ${outcome.status}`
  throw failure('DeliveryFailed', reason, Math.max(0, (outcome.nextAttemptAt?.getTime() ?? 0) - Date.now()))
}

/** An error from Postgres or Temporal may contain a webhook message, so the error's text is not stored in the history. */
const withoutData = async <T>(activity: Promise<T>): Promise<T> => {
  try {
    return await activity
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error
    const type = error instanceof Error ? error.name : 'Error'
    throw ApplicationFailure.create({ type, message: describeError(error) })
  }
}

/** The activities on the task queue for webhooks. */
export const createWebhookActivities = (deps: WebhookActivityDeps, defaults: EndpointLimits): WebhookActivities => {
  const limiterOf = createEndpointLimiter(defaults)
  return {
    deliverPending: (input) => withoutData(deliverAllPending(deps, limiterOf, input)),
    attemptDelivery: (input) => withoutData(attempt(deps, limiterOf, input)),
  }
}
