import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { createFile, readIfExists } from './files.ts'
import type { Home } from './home.ts'

export const issuer = { name: 'https://local.pay-to-view.test', audience: 'pay-to-view' }

const algorithm = 'ES256'

const privateKey = async ({ issuerKey }: Pick<Home, 'issuerKey'>): Promise<JWK> => {
  const kept = readIfExists(issuerKey)
  if (kept !== undefined) return JSON.parse(kept)
  const { privateKey: fresh } = await generateKeyPair(algorithm, { extractable: true })
  createFile(issuerKey, JSON.stringify({ ...(await exportJWK(fresh)), alg: algorithm, kid: 'local' }))
  return privateKey({ issuerKey })
}

/** The local issuer's public key, for AUTH_JWKS. */
export const publicKeys = async (home: Home): Promise<{ keys: JWK[] }> => {
  const { d: _secret, ...key } = await privateKey(home)
  return { keys: [key] }
}

/** A bearer token. `ttl` as jose reads it: 30s, 15m, 1h, 7d. */
export const issueToken = async (home: Home, user: string, { admin = false, ttl = '1h' } = {}): Promise<string> =>
  new SignJWT(admin ? { admin } : {})
    .setProtectedHeader({ alg: algorithm, kid: 'local' })
    .setSubject(user)
    .setIssuer(issuer.name)
    .setAudience(issuer.audience)
    .setIssuedAt()
    .setExpirationTime(ttl)
    .sign(await importJWK(await privateKey(home), algorithm))
