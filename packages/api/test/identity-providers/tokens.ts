import { originList, parseEnvironment, type Variables } from '@pay-to-view/environment'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { z } from 'zod'
import { createAuthenticator } from '../../src/auth/authenticator.ts'
import { authEnvironment, authOptions, checkAuth } from '../../src/auth/environment.ts'

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA'

const schema = z
  .object({ ...authEnvironment, WEB_ORIGINS: originList('https://www.example.com').default([]) })
  .superRefine(checkAuth)

/** The options of a server with these environment variables. Throws InvalidEnvironmentError. */
export const optionsOf = (variables: Variables) => authOptions(parseEnvironment(schema, variables))

export const authenticatorOf = (variables: Variables) => createAuthenticator(optionsOf(variables))

/**
 * An issuer's keys, one per algorithm. All providers in these tests share these keys, so only the configured rules, not the signature,
 * distinguish their tokens.
 */
export const createIssuer = async () => {
  const algorithms: Algorithm[] = ['RS256', 'ES256', 'EdDSA']
  const pairs = await Promise.all(algorithms.map((alg) => generateKeyPair(alg, { extractable: true })))
  const publicKeys: JWK[] = await Promise.all(
    pairs.map(async ({ publicKey }, index) => {
      const alg = algorithms[index]
      return { ...(await exportJWK(publicKey)), use: 'sig', ...(alg && { alg, kid: alg }) }
    }),
  )
  // Keycloak also publishes an encryption key.
  const jwks = { keys: [...publicKeys, { ...publicKeys[0], kid: 'encryption', use: 'enc', alg: 'RSA-OAEP' }] }
  const keyOf = (alg: Algorithm) => pairs[algorithms.indexOf(alg)] ?? fail()
  return {
    jwks,
    pem: (alg: Algorithm): Promise<string> => exportSPKI(keyOf(alg).publicKey),
    sign: (claims: object, alg: Algorithm, header: JWTHeaderParameters = { alg, kid: alg, typ: 'JWT' }): Promise<string> =>
      new SignJWT({ ...claims }).setProtectedHeader(header).sign(keyOf(alg).privateKey),
  }
}

export type Issuer = Awaited<ReturnType<typeof createIssuer>>

const fail = (): never => {
  throw new Error('No key for this algorithm')
}

export const signWithSecret = (claims: object, secret: string): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(new TextEncoder().encode(secret))

export const now = () => Math.floor(Date.now() / 1000)

/** `iat` and `exp` of a token that is valid for a minute. */
export const lifetime = (): JWTPayload => ({ iat: now(), exp: now() + 60 })
