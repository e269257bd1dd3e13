import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, errors as joseErrors, jwtVerify } from 'jose'
import { z } from 'zod'
import { ApiError } from './errors.ts'

export interface User {
  id: string
  admin: boolean
}

export interface AuthOptions {
  issuer: string
  audience: string
  /** Where the issuer publishes its keys, or the keys themselves. */
  keys: URL | JSONWebKeySet
}

/** Only asymmetric algorithms: a public key can never be taken for a shared secret. */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']

const claims = z.object({
  sub: z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}+$/u),
  admin: z.unknown().optional(),
})

export type Authenticator = (authorization: string | undefined) => Promise<User | null>

/**
 * Reads an Authorization header: null without one, a user for a token that the issuer signed for this audience and that is in time.
 * Any other token is `unauthorized`. When the issuer's keys cannot be had the token is neither good nor bad: that rejects as it is.
 */
export const createAuthenticator = ({ issuer, audience, keys }: AuthOptions): Authenticator => {
  const resolve = keys instanceof URL ? createRemoteJWKSet(keys, { timeoutDuration: 5_000 }) : createLocalJWKSet(keys)
  return async (authorization) => {
    if (authorization === undefined) return null
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
      const read = claims.safeParse(payload)
      if (!read.success) throw new ApiError('unauthorized')
      return { id: read.data.sub, admin: read.data.admin === true }
    } catch (error) {
      if (error instanceof joseErrors.JOSEError && !(error instanceof joseErrors.JWKSTimeout)) throw new ApiError('unauthorized')
      throw error
    }
  }
}
