import { type AttemptOutcome, type Db, type DeliveryTarget, type DueDelivery, disableEndpoint } from '@pay-to-view/db'
import type { WebhookClient } from '@pay-to-view/workflow-client/webhooks'
import { reasonToDisable, type SendDeps, sendMessage } from './send-message.ts'

/** One request to an endpoint, for metrics. */
export interface WebhookAttempt {
  outcome: AttemptOutcome['result']
  durationMs: number
  /** From the change to the response, for a message that arrived with its first attempt. */
  latencyMs: number | null
}

export interface WebhookActivityDeps extends SendDeps {
  db: Db
  retries: Pick<WebhookClient, 'startRetries'>
  onAttempt: (attempt: WebhookAttempt) => void
}

/** Makes one attempt, records its outcome, and disables the endpoint if it has to be. */
export const deliver = async (
  { db, onAttempt, ...deps }: WebhookActivityDeps,
  target: DeliveryTarget,
  delivery: DueDelivery,
  record: (outcome: AttemptOutcome) => Promise<void>,
): Promise<{ outcome: AttemptOutcome; isDisabled: boolean }> => {
  const outcome = await sendMessage(deps, target, delivery)
  await record(outcome)
  const isFirst = outcome.result === 'succeeded' && delivery.attempts === 0
  onAttempt({
    outcome: outcome.result,
    durationMs: outcome.durationMs,
    latencyMs: isFirst ? outcome.at.getTime() + outcome.durationMs - delivery.createdAt.getTime() : null,
  })
  const reason = reasonToDisable(target, outcome)
  if (reason !== null) await disableEndpoint(db, target.id, reason)
  return { outcome, isDisabled: reason !== null }
}
