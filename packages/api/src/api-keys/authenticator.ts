import { type ActiveApiKey, apiKeyPrefix, isApiKeySecret } from '@pay-to-view/db'
import { ApiError } from '../errors.ts'
import type { ApiKeyCaller } from '../trpc.ts'

/** The lifetime of a cached lookup. Even with the time for the lookup itself, a revoked key stops working within 5 seconds on every server. */
const cacheLifetimeMs = 4_000
const maxCachedKeys = 10_000

export interface ApiKeyAuthenticatorOptions {
  /** Finds a key by its secret; null if the key does not exist, was revoked or has expired. */
  find: (secret: string) => Promise<ActiveApiKey | null>
  /** Called after each lookup of a valid key. */
  onUse: (key: ActiveApiKey) => void
  now?: () => number
}

export interface ApiKeyAuthenticator {
  /** Returns the key in an Authorization header, or null if the header contains no key. Throws `unauthorized` for an invalid key. */
  authenticate(authorization: string | undefined): Promise<ApiKeyCaller | null>
  /** Whether the key was valid when it was last looked up. */
  isKnown(authorization: string | undefined): boolean
}

interface CachedKey {
  key: Promise<ActiveApiKey | null>
  validUntil: number
  isKnown: boolean
}

const secretOf = (authorization: string | undefined): string | null => {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  return token?.startsWith(apiKeyPrefix) ? token : null
}

/** Verifies API keys. Each key is looked up at most once every few seconds. */
export const createApiKeyAuthenticator = (options: ApiKeyAuthenticatorOptions): ApiKeyAuthenticator => {
  const { find, onUse, now = Date.now } = options
  const cache = new Map<string, CachedKey>()

  const lookUp = (secret: string): CachedKey => {
    const previous = cache.get(secret)
    const entry: CachedKey = {
      key: find(secret),
      // The cache lifetime starts when the lookup starts, because the key may be revoked during the lookup.
      validUntil: now() + cacheLifetimeMs,
      isKnown: previous?.isKnown ?? false,
    }
    // A Map iterates in insertion order, so the first key is the oldest.
    const [oldest] = cache.size < maxCachedKeys ? [] : cache.keys()
    if (oldest !== undefined) cache.delete(oldest)
    cache.delete(secret)
    cache.set(secret, entry)
    entry.key.then(
      (key) => {
        entry.isKnown = key !== null
        if (key) onUse(key)
      },
      // The lookup failed, so the next call repeats it.
      () => {
        entry.validUntil = 0
      },
    )
    return entry
  }

  return {
    authenticate: async (authorization) => {
      const secret = secretOf(authorization)
      if (secret === null) return null
      if (!isApiKeySecret(secret)) throw new ApiError('unauthorized')
      const cached = cache.get(secret)
      const { key: lookup } = cached && cached.validUntil > now() ? cached : lookUp(secret)
      const key = await lookup
      if (!key || (key.expiresAt !== null && key.expiresAt.getTime() <= now())) throw new ApiError('unauthorized')
      return { id: key.id, scopes: key.scopes, rateLimit: key.rateLimit }
    },
    isKnown: (authorization) => {
      const secret = secretOf(authorization)
      return secret !== null && cache.get(secret)?.isKnown === true
    },
  }
}
