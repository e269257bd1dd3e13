import { createLocalJWKSet, type JSONWebKeySet, errors as joseErrors, jwtVerify } from 'jose'
import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { createRemoteKeys } from './remote-keys.ts'

export interface User {
  id: string
  admin: boolean
  /** Milliseconds since the epoch. */
  tokenExpiresAt: number
}

export interface AuthOptions {
  issuer: string
  audience: string
  /** The issuer's JWKS, or its URL. */
  keys: URL | JSONWebKeySet
  /** Minimum interval between two fetches of the JWKS, also when tokens name unknown keys. */
  keysCooldownMs?: number
  /** Called after each fetch of the JWKS. */
  onKeysFetch?: (outcome: 'ok' | 'failed') => void
}

/** Only asymmetric algorithms, so that a public key is never used as a shared secret. */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']

const claims = z.object({
  sub: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\ud800-\udfff]+$/u),
  admin: z.unknown().optional(),
  exp: z.number(),
})

/** Verified tokens are cached, because a page sends the same one with every request; never beyond their expiry. */
const cacheLifetimeMs = 30_000
const maxCachedTokens = 10_000

export type Authenticator = (authorization: string | undefined) => Promise<User | null>

/**
 * Returns the user of an Authorization header, or null without one. Throws `unauthorized` for a token that is expired, not from this issuer or
 * not for this audience, and `auth_unavailable` if it cannot be verified because the issuer's keys are unavailable.
 */
export const createAuthenticator = ({
  issuer,
  audience,
  keys,
  keysCooldownMs = 30_000,
  onKeysFetch,
}: AuthOptions): Authenticator => {
  const resolve =
    keys instanceof URL ? createRemoteKeys(keys, { cooldownMs: keysCooldownMs, onFetch: onKeysFetch }) : createLocalJWKSet(keys)
  const cache = new Map<string, { user: User; validUntil: number }>()
  const addToCache = (authorization: string, user: User): User => {
    // A Map iterates in insertion order, so the first key is the oldest.
    const [oldest] = cache.size < maxCachedTokens ? [] : cache.keys()
    if (oldest !== undefined) cache.delete(oldest)
    cache.delete(authorization)
    cache.set(authorization, { user, validUntil: Math.min(user.tokenExpiresAt, Date.now() + cacheLifetimeMs) })
    return user
  }
  return async (authorization) => {
    if (authorization === undefined) return null
    const cached = cache.get(authorization)
    if (cached && cached.validUntil > Date.now()) return cached.user
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1]
    if (token === undefined) throw new ApiError('unauthorized')
    try {
      const { payload } = await jwtVerify(token, resolve, {
        issuer,
        audience,
        algorithms,
        clockTolerance: 5,
        requiredClaims: ['sub', 'exp'],
      })
      const parsed = claims.safeParse(payload)
      if (!parsed.success) throw new ApiError('unauthorized')
      const { sub: id, admin, exp } = parsed.data
      return addToCache(authorization, { id, admin: admin === true, tokenExpiresAt: exp * 1000 })
    } catch (error) {
      if (error instanceof ApiError) throw error
      // Any other error, such as KeysUnavailableError, means that the token was not checked.
      throw new ApiError(error instanceof joseErrors.JOSEError ? 'unauthorized' : 'auth_unavailable')
    }
  }
}
