import { type ApiKeyAuthenticator, createApiKeyAuthenticator } from '@pay-to-view/api'
import { createConcurrencyLimiter } from './concurrency-limiter.ts'
import type { ServerDeps } from './deps.ts'

/** Verifies API keys. Lookups use at most two database connections, so key guessing does not delay other calls. */
export const verifyApiKeys = ({ apiKeys, log }: Pick<ServerDeps, 'apiKeys' | 'log'>): ApiKeyAuthenticator => {
  const lookups = createConcurrencyLimiter({ concurrency: 2, maxQueued: 200, queueTimeoutMs: 5_000 })
  return createApiKeyAuthenticator({
    find: (secret) => lookups.run(() => apiKeys.find(secret)),
    onUse: (key) => {
      apiKeys.recordUse(key).catch((error: unknown) => log.warn({ err: error }, 'the last use of an API key was not recorded'))
    },
  })
}
