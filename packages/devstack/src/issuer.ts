import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { z } from 'zod'
import { createFile, readIfExists } from './files.ts'
import type { Home } from './home.ts'

export const issuer = { name: 'https://local.pay-to-view.test', audience: 'pay-to-view' }

const algorithm = 'ES256'

/** What a token is asked for with. */
export const TokenRequest = z.strictObject({
  user: z
    .string()
    .min(1, 'Expected a name')
    .max(200, 'Expected at most 200 characters')
    .regex(/^\P{Cc}*$/u, 'Expected no control characters'),
  admin: z.boolean().default(false),
  ttl: z
    .string()
    .regex(/^[1-9]\d{0,5}[smhd]$/, 'Expected a number with s, m, h or d, such as 1h')
    .default('1h'),
})

/** A key that is made once and kept. */
const keptKey = async (file: string): Promise<JWK> => {
  const kept = readIfExists(file)
  if (kept !== undefined) return JSON.parse(kept)
  const { privateKey: fresh } = await generateKeyPair(algorithm, { extractable: true })
  createFile(file, JSON.stringify({ ...(await exportJWK(fresh)), alg: algorithm, kid: 'local' }))
  return keptKey(file)
}

const privateKey = ({ issuerKey }: Home): Promise<JWK> => keptKey(issuerKey)

/** The private key that the local server signs playback tokens with, for PLAYBACK_KEYS. */
export const playbackKeys = async ({ playbackKey }: Home): Promise<{ keys: JWK[] }> => ({ keys: [await keptKey(playbackKey)] })

/** The local issuer's public key, for AUTH_JWKS. */
export const publicKeys = async (home: Home): Promise<{ keys: JWK[] }> => {
  const { d: _secret, ...key } = await privateKey(home)
  return { keys: [key] }
}

/** A bearer token. `ttl` is 30s, 15m, 1h or 7d, say. */
export const issueToken = async (home: Home, user: string, { admin = false, ttl = '1h' } = {}): Promise<string> =>
  new SignJWT(admin ? { admin } : {})
    .setProtectedHeader({ alg: algorithm, kid: 'local' })
    .setSubject(user)
    .setIssuer(issuer.name)
    .setAudience(issuer.audience)
    .setIssuedAt()
    .setExpirationTime(ttl)
    .sign(await importJWK(await privateKey(home), algorithm))
