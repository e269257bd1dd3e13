import { isReservedActor } from '@pay-to-view/db'
import type { JWTPayload } from 'jose'
import { z } from 'zod'
import { UserId } from '../admin/users/user-id.ts'
import { ApiError } from '../errors.ts'
import { type ClaimRule, matchesClaim, readClaim } from './claims.ts'
import { createTokenVerifier, RejectedTokenError, type TokenRules } from './verify-token.ts'

export interface User {
  id: string
  admin: boolean
  /** Null if the token has no e-mail address, or if the identity provider has not verified the address. */
  email: string | null
  /** Milliseconds since the epoch. */
  tokenExpiresAt: number
}

export interface AuthOptions extends TokenRules {
  /** The name or path of the claim with the user's id; default: `sub`. */
  userClaim?: string | undefined
  /** The name or path of the claim with the user's e-mail address; default: `email`. */
  emailClaim?: string | undefined
  /** A token whose claim matches this rule belongs to an admin; default: `admin=true`. */
  admin?: ClaimRule | undefined
  /** Called with the reason for each rejected token. The response does not contain the reason. */
  onReject?: (reason: string) => void
}

/** The maximum length of an e-mail address: Stripe accepts at most 512 characters. */
const Email = z.email().max(512)

/** An unverified address may belong to another person, who would receive the receipts. Some identity providers send booleans as strings. */
const readEmail = (payload: JWTPayload, claim: string): string | null =>
  payload.email_verified === false || payload.email_verified === 'false'
    ? null
    : (Email.safeParse(readClaim(payload, claim)).data ?? null)

/**
 * A verified token is cached for this long, or until it expires if that is sooner, because a page sends the same token with every request.
 * A player sends several heartbeats in this time, so most of them find the token in the cache.
 */
const cacheLifetimeMs = 120_000
const maxCachedTokens = 20_000

export type Authenticator = (authorization: string | undefined) => Promise<User | null>

/**
 * Returns the user of an Authorization header, or null if there is no header. Throws `unauthorized` for a token that is expired, not from
 * this issuer or not for this audience, and `auth_unavailable` for a token that cannot be verified because the issuer's keys are
 * unavailable.
 */
export const createAuthenticator = ({
  userClaim = 'sub',
  emailClaim = 'email',
  admin = { claim: 'admin', value: 'true' },
  onReject = () => undefined,
  ...rules
}: AuthOptions): Authenticator => {
  const verifyToken = createTokenVerifier(rules)
  const readUser = async (authorization: string): Promise<User> => {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1]
    if (token === undefined) throw new RejectedTokenError('expected "Bearer" and a token in the Authorization header')
    const payload = await verifyToken(token)
    const id = UserId.safeParse(readClaim(payload, userClaim))
    if (!id.success)
      throw new RejectedTokenError(
        `the "${userClaim}" claim is not a string of 1 to 200 characters without control characters and surrounding spaces`,
      )
    if (isReservedActor(id.data)) throw new RejectedTokenError(`the "${userClaim}" claim has the form of a reserved id`)
    if (payload.exp === undefined) throw new RejectedTokenError('missing required "exp" claim')
    return {
      id: id.data,
      admin: matchesClaim(payload, admin),
      email: readEmail(payload, emailClaim),
      tokenExpiresAt: payload.exp * 1000,
    }
  }
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
    try {
      return addToCache(authorization, await readUser(authorization))
    } catch (error) {
      if (!(error instanceof RejectedTokenError)) throw new ApiError('auth_unavailable')
      onReject(error.message)
      throw new ApiError('unauthorized')
    }
  }
}
