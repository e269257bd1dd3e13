import {
  type AttemptOutcome,
  type Db,
  type DeliveryTarget,
  type DueDelivery,
  disableEndpoint,
  updateEmailAlert,
} from '@pay-to-view/db'
import type { WebhookClient } from '@pay-to-view/workflow-client/webhooks'
import { type EmailDeps, sendEmail } from './send-email.ts'
import { reasonToDisable, type SendDeps, sendMessage } from './send-message.ts'

/** One request to an endpoint, or one e-mail, for metrics. */
export interface WebhookAttempt {
  kind: DeliveryTarget['kind']
  outcome: AttemptOutcome['result']
  durationMs: number
  /** The time from the change to the response, for a message that was delivered on the first attempt. */
  latencyMs: number | null
}

export interface WebhookActivityDeps {
  db: Db
  retries: Pick<WebhookClient, 'startRetries'>
  onAttempt: (attempt: WebhookAttempt) => void
  /** Null without WEBHOOKS_ENCRYPTION_KEYS. */
  webhooks: SendDeps | null
  /** Null without SMTP_URL. */
  email: EmailDeps | null
}

export interface Delivered {
  /** Null if there was nothing to send. */
  outcome: AttemptOutcome | null
  isDisabled: boolean
}

/** Throws if a variable is not set, so the activity fails. The retry may run on another worker on which the variable is set. */
const requireDeps = <T>(deps: T | null, variable: string): T => {
  if (deps === null) throw new Error(`This worker has no ${variable}`)
  return deps
}

const send = (
  { db, webhooks, email }: WebhookActivityDeps,
  target: DeliveryTarget,
  delivery: DueDelivery,
): Promise<AttemptOutcome | null> =>
  target.kind === 'email'
    ? sendEmail(db, requireDeps(email, 'SMTP_URL'), delivery)
    : sendMessage(requireDeps(webhooks, 'WEBHOOKS_ENCRYPTION_KEYS'), target, delivery)

/** Makes one attempt, records its outcome, and disables the endpoint if necessary. */
export const deliver = async (
  deps: WebhookActivityDeps,
  target: DeliveryTarget,
  delivery: DueDelivery,
  record: (outcome: AttemptOutcome) => Promise<void>,
): Promise<Delivered> => {
  const { db, onAttempt } = deps
  const outcome = await send(deps, target, delivery)
  if (outcome === null) return { outcome, isDisabled: false }
  await record(outcome)
  const isFirst = outcome.result === 'succeeded' && delivery.attempts === 0
  onAttempt({
    kind: target.kind,
    outcome: outcome.result,
    durationMs: outcome.durationMs,
    latencyMs: isFirst ? outcome.at.getTime() + outcome.durationMs - delivery.createdAt.getTime() : null,
  })
  if (target.kind === 'email') {
    if (outcome.isNeutral !== true) await updateEmailAlert(db, { failingSince: target.failingSince, error: outcome.error })
    return { outcome, isDisabled: false }
  }
  const reason = reasonToDisable(target, outcome)
  if (reason !== null) await disableEndpoint(db, target.id, reason)
  return { outcome, isDisabled: reason !== null }
}
