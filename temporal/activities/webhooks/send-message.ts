import { type AttemptOutcome, type DeliveryTarget, type DueDelivery, maxFailingDays } from '@pay-to-view/db'
import { nextDelayMs, type SecretBox, signatureHeaders, type WebhookSender } from '@pay-to-view/webhooks'

export interface SendDeps {
  sender: WebhookSender
  secrets: SecretBox
}

/** The secrets that currently sign messages: two during a rotation. */
const signingSecrets = (secrets: SecretBox, target: DeliveryTarget, now: Date): string[] => {
  const { secret, previousSecret, previousSecretUntil } = target
  const isRotating = previousSecret !== null && previousSecretUntil !== null && previousSecretUntil > now
  return [secret, ...(isRotating ? [previousSecret] : [])].map((encrypted) => secrets.decrypt(encrypted))
}

/** The body is the same for every attempt. */
const bodyOf = ({ type, createdAt, data, version }: DueDelivery): string =>
  JSON.stringify({ type, timestamp: createdAt.toISOString(), data: { ...data, version } })

/** Makes one attempt and returns its outcome, which the caller records. Throws only if a secret cannot be decrypted. */
export const sendMessage = async (
  { sender, secrets }: SendDeps,
  target: DeliveryTarget,
  delivery: DueDelivery,
): Promise<AttemptOutcome> => {
  const at = new Date()
  const body = bodyOf(delivery)
  const headers = signatureHeaders({ id: delivery.messageId, body, at }, signingSecrets(secrets, target, at))
  const { retryAfterSeconds, ...response } = await sender.send({ url: target.url, headers, body })
  const { messageId } = delivery
  if (response.status !== null && response.status >= 200 && response.status < 300)
    return { messageId, at, ...response, result: 'succeeded', nextAttemptAt: null }
  const delayMs = nextDelayMs(delivery.attempts + 1, retryAfterSeconds)
  if (delayMs === null) return { messageId, at, ...response, result: 'failed', nextAttemptAt: null }
  return { messageId, at, ...response, result: 'failing', nextAttemptAt: new Date(Date.now() + delayMs) }
}

const dayMs = 86_400_000

/** Returns why an endpoint has to be disabled after an attempt; null if the endpoint stays enabled. */
export const reasonToDisable = (target: DeliveryTarget, outcome: AttemptOutcome): 'gone' | 'failing' | null => {
  if (outcome.status === 410) return 'gone'
  const { failingSince } = target
  const isFailing = outcome.result !== 'succeeded' && failingSince !== null
  return isFailing && Date.now() - failingSince.getTime() >= maxFailingDays * dayMs ? 'failing' : null
}
