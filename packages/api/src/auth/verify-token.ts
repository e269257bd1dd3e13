import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, errors as joseErrors, jwtVerify } from 'jose'
import { type ClaimRule, matchesClaim } from './claims.ts'
import { createRemoteKeys } from './remote-keys.ts'

/** The public-key algorithms. HS256 is excluded, so a public key is never used as a shared secret. */
export const publicKeyAlgorithms = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'] as const
export type PublicKeyAlgorithm = (typeof publicKeyAlgorithms)[number]

/** A secret that the issuer shares with this server, for HS256. */
export interface SharedSecret {
  secret: string
}

/** The requirements that a token must meet. At least one of `audience` and `authorizedParties` is required. */
export interface TokenRules {
  issuer: string
  /** `aud` must be or contain one of these; undefined disables the check. */
  audience?: string | readonly string[] | undefined
  /** `azp` must be one of these: origins of pages, or client ids; undefined disables the check. */
  authorizedParties?: readonly string[] | undefined
  /** The issuer's JWKS, its URL, or a shared secret. */
  keys: URL | JSONWebKeySet | SharedSecret
  /** The accepted algorithms; by default, all. A shared secret always requires HS256. */
  algorithms?: readonly PublicKeyAlgorithm[] | undefined
  /** A token whose claim matches this rule is rejected. */
  rejected?: ClaimRule | undefined
  /** Minimum interval between two fetches of the JWKS, even when tokens name unknown keys. */
  keysCooldownMs?: number
  /** Called after each fetch of the JWKS. */
  onKeysFetch?: (outcome: 'ok' | 'failed') => void
}

/** A token that breaks a rule. The message is for the operator's log: it names the rule and contains nothing from the token. */
export class RejectedTokenError extends Error {
  override name = 'RejectedTokenError'
}

type VerifySignature = (token: string, claims: Parameters<typeof jwtVerify>[2]) => Promise<JWTPayload>

/** Verifies signatures with the configured keys. Each kind of key accepts only its own algorithms. */
const createSignatureVerifier = ({
  keys,
  algorithms = publicKeyAlgorithms,
  keysCooldownMs = 30_000,
  onKeysFetch,
}: TokenRules): VerifySignature => {
  if ('secret' in keys) {
    const secret = new TextEncoder().encode(keys.secret)
    return async (token, claims) => (await jwtVerify(token, secret, { ...claims, algorithms: ['HS256'] })).payload
  }
  const resolve =
    keys instanceof URL ? createRemoteKeys(keys, { cooldownMs: keysCooldownMs, onFetch: onKeysFetch }) : createLocalJWKSet(keys)
  return async (token, claims) => (await jwtVerify(token, resolve, { ...claims, algorithms: [...algorithms] })).payload
}

/**
 * Returns the claims of a token. Throws RejectedTokenError for a token that is expired or breaks a rule; any other error, such as
 * KeysUnavailableError, means that the token was not checked.
 */
export const createTokenVerifier = (rules: TokenRules): ((token: string) => Promise<JWTPayload>) => {
  const { issuer, audience, authorizedParties, rejected } = rules
  if (audience === undefined && authorizedParties === undefined) {
    throw new Error('Expected audience or authorizedParties: otherwise tokens for any other application would be accepted.')
  }
  const verifySignature = createSignatureVerifier(rules)
  const claims = {
    issuer,
    ...(audience === undefined ? {} : { audience: typeof audience === 'string' ? audience : [...audience] }),
    clockTolerance: 5,
    requiredClaims: ['exp'],
  }
  return async (token) => {
    const payload = await verifySignature(token, claims).catch((error: unknown) => {
      throw error instanceof joseErrors.JOSEError ? new RejectedTokenError(error.message) : error
    })
    const { azp } = payload
    if (authorizedParties && !(typeof azp === 'string' && authorizedParties.includes(azp))) {
      throw new RejectedTokenError(azp === undefined ? 'missing "azp" claim' : 'unexpected "azp" claim value')
    }
    if (rejected && matchesClaim(payload, rejected)) {
      throw new RejectedTokenError(`the "${rejected.claim}" claim is ${rejected.value}`)
    }
    return payload
  }
}
