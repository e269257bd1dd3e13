import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, errors as joseErrors, jwtVerify } from 'jose'
import { z } from 'zod'
import { ApiError } from './errors.ts'

export interface User {
  id: string
  admin: boolean
  /** When the token ends, in milliseconds since the epoch. */
  until: number
}

export interface AuthOptions {
  issuer: string
  audience: string
  /** Where the issuer publishes its keys, or the keys themselves. */
  keys: URL | JSONWebKeySet
  /** Milliseconds between two readings of the keys' address, however many unknown keys are named meanwhile. */
  keysCooldown?: number
}

/** Only asymmetric algorithms: a public key can never be taken for a shared secret. */
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

/** jose throws its general error, its time-out or fetch's own when the keys' address gives no keys. */
const saysNothing = (error: unknown): boolean =>
  !(error instanceof joseErrors.JOSEError) || error.code === 'ERR_JOSE_GENERIC' || error instanceof joseErrors.JWKSTimeout

/** A token that was good is taken as read for so long (milliseconds), never past its end: a page asks again and again with the same one. */
const memory = { lasts: 30_000, most: 10_000 }

export type Authenticator = (authorization: string | undefined) => Promise<User | null>

/**
 * Reads an Authorization header: null without one, a user for a token that the issuer signed for this audience and that is in time.
 * Any other token is `unauthorized`. When the issuer's keys cannot be had the token is neither good nor bad: `auth_unavailable`.
 */
export const createAuthenticator = ({ issuer, audience, keys, keysCooldown = 30_000 }: AuthOptions): Authenticator => {
  const resolve =
    keys instanceof URL
      ? createRemoteJWKSet(keys, { timeoutDuration: 5_000, cooldownDuration: keysCooldown })
      : createLocalJWKSet(keys)
  const known = new Map<string, { user: User; until: number }>()
  const remember = (authorization: string, user: User): User => {
    // The oldest makes room: a Map keeps the order in which it was filled.
    const [oldest] = known.size < memory.most ? [] : known.keys()
    if (oldest !== undefined) known.delete(oldest)
    known.delete(authorization)
    known.set(authorization, { user, until: Math.min(user.until, Date.now() + memory.lasts) })
    return user
  }
  return async (authorization) => {
    if (authorization === undefined) return null
    const read = known.get(authorization)
    if (read && read.until > Date.now()) return read.user
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
      const said = claims.safeParse(payload)
      if (!said.success) throw new ApiError('unauthorized')
      const { sub: id, admin, exp } = said.data
      return remember(authorization, { id, admin: admin === true, until: exp * 1000 })
    } catch (error) {
      if (error instanceof ApiError) throw error
      throw new ApiError(saysNothing(error) ? 'auth_unavailable' : 'unauthorized')
    }
  }
}
