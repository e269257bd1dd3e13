import {
  createWebhookEndpoint,
  type Db,
  deleteWebhookEndpoint,
  findWebhookEndpoint,
  type IdempotentRequest,
  isKnownEndpointRequest,
  isKnownRequest,
  type NewWebhookEndpoint,
  type ResendOptions,
  resendMessage,
  resendSince,
  rotateWebhookSecret,
  sendTestMessage,
  updateWebhookEndpoint,
  type WebhookEndpointChanges,
  type WebhookEndpointDetails,
} from '@pay-to-view/db'
import { endpointUrlProblem, newSigningSecret, type SecretBox } from '@pay-to-view/webhooks'
import { ApiError } from '../errors.ts'

export interface WebhookSettings {
  secrets: SecretBox
  /** Allows `http:` and private addresses. */
  allowPrivate: boolean
}

/** After a rotation, messages are also signed with the previous secret for this long. */
const rotationMs = 24 * 60 * 60 * 1_000

const notFound = (): ApiError => new ApiError('webhook_endpoint_not_found', { field: 'id' })

const isConflict = (result: unknown): result is { conflict: true } =>
  typeof result === 'object' && result !== null && 'conflict' in result

/** Throws if the idempotency key was already used for a different request. */
const requireSameRequest = <T>(result: T | { conflict: true }): T => {
  if (isConflict(result)) throw new ApiError('idempotency_conflict', { field: 'idempotencyKey' })
  return result
}

/** The operator's changes to webhook endpoints. The commands throw `ApiError`s. `settings` is null if the server has no encryption key. */
export const createWebhookCommands = (db: Db, settings: WebhookSettings | null) => {
  const requireSettings = (): WebhookSettings => {
    if (!settings) throw new ApiError('webhooks_not_configured')
    return settings
  }
  const checkUrl = async (url: string): Promise<void> => {
    const message = await endpointUrlProblem(url, requireSettings())
    if (message !== null) throw new ApiError('validation', { field: 'url', message })
  }
  const requireEndpoint = async (id: string): Promise<WebhookEndpointDetails> => {
    const endpoint = await findWebhookEndpoint(db, id)
    if (!endpoint) throw notFound()
    return endpoint
  }
  /** A repeated request is answered even if the endpoint has been disabled since. */
  const requireEnabled = async (id: string, repeated: IdempotentRequest): Promise<void> => {
    const { enabled } = await requireEndpoint(id)
    if (!enabled && !(await isKnownRequest(db, id, repeated))) throw new ApiError('webhook_endpoint_disabled', { field: 'id' })
  }

  return {
    /** The secret is null for a repeated request with the same idempotency key. */
    createWebhookEndpoint: async (
      input: Omit<NewWebhookEndpoint, 'secret'>,
    ): Promise<{ endpoint: WebhookEndpointDetails; secret: string | null }> => {
      const { secrets } = requireSettings()
      if (!(await isKnownEndpointRequest(db, input))) await checkUrl(input.url)
      const secret = newSigningSecret()
      const result = await createWebhookEndpoint(db, { ...input, secret: secrets.encrypt(secret) })
      const { endpoint, isNew } = requireSameRequest(result)
      return { endpoint, secret: isNew ? secret : null }
    },

    updateWebhookEndpoint: async (id: string, changes: WebhookEndpointChanges, by: string): Promise<WebhookEndpointDetails> => {
      if (changes.url !== undefined) await checkUrl(changes.url)
      const endpoint = await updateWebhookEndpoint(db, id, changes, by)
      if (!endpoint) throw notFound()
      return endpoint
    },

    deleteWebhookEndpoint: async (id: string, by: string): Promise<void> => {
      if (!(await deleteWebhookEndpoint(db, id, by))) throw notFound()
    },

    /** The secret is null for a repeated request with the same idempotency key. */
    rotateWebhookSecret: async (id: string, by: string, repeated: IdempotentRequest): Promise<{ secret: string | null }> => {
      const { secrets } = requireSettings()
      await requireEndpoint(id)
      const secret = newSigningSecret()
      const previousUntil = new Date(Date.now() + rotationMs)
      const rotation = { secret: secrets.encrypt(secret), previousUntil, by }
      const result = requireSameRequest(await rotateWebhookSecret(db, id, rotation, repeated))
      if (result === null) throw notFound()
      return { secret: result === 'rotated' ? secret : null }
    },

    resendWebhookMessage: async (id: string, messageId: string, repeated: IdempotentRequest): Promise<void> => {
      await requireEnabled(id, repeated)
      if (!requireSameRequest(await resendMessage(db, id, messageId, repeated)))
        throw new ApiError('webhook_message_not_found', { field: 'messageId' })
    },

    resendWebhookMessages: async (id: string, options: ResendOptions, repeated: IdempotentRequest): Promise<number> => {
      await requireEnabled(id, repeated)
      return requireSameRequest(await resendSince(db, id, options, repeated))
    },

    sendTestMessage: async (id: string, repeated: IdempotentRequest): Promise<string> => {
      await requireEnabled(id, repeated)
      return requireSameRequest(await sendTestMessage(db, id, repeated))
    },
  }
}
