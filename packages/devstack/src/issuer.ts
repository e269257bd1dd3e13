import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { z } from 'zod'
import type { DataFolder } from './data-folder.ts'
import { createFile, readIfExists } from './files.ts'

export const issuer = { name: 'https://local.pay-to-view.test', audience: 'pay-to-view' }

const algorithm = 'ES256'

/** The input of POST /token and of `npm run token`. */
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

/** Reads the private key from a file, or creates it if the file does not exist. */
const readOrCreateKey = async (file: string): Promise<JWK> => {
  const existing = readIfExists(file)
  if (existing !== undefined) return JSON.parse(existing)
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  createFile(file, JSON.stringify({ ...(await exportJWK(privateKey)), alg: algorithm, kid: 'local' }))
  return readOrCreateKey(file)
}

/** Returns the private key with which the local server signs playback tokens, for PLAYBACK_KEYS. */
export const playbackKeys = async ({ playbackKey }: DataFolder): Promise<{ keys: JWK[] }> => ({
  keys: [await readOrCreateKey(playbackKey)],
})

/** Returns the local issuer's public key, for AUTH_JWKS. */
export const issuerPublicKeys = async ({ issuerKey }: DataFolder): Promise<{ keys: JWK[] }> => {
  const { d: _privatePart, ...key } = await readOrCreateKey(issuerKey)
  return { keys: [key] }
}

/** Issues a bearer token. `ttl` is a duration, for example 30s, 15m, 1h or 7d. */
export const issueToken = async (
  { issuerKey }: DataFolder,
  user: string,
  { admin = false, ttl = '1h', email }: { admin?: boolean; ttl?: string; email?: string | undefined } = {},
): Promise<string> =>
  new SignJWT({ ...(admin && { admin }), ...(email !== undefined && { email }) })
    .setProtectedHeader({ alg: algorithm, kid: 'local' })
    .setSubject(user)
    .setIssuer(issuer.name)
    .setAudience(issuer.audience)
    .setIssuedAt()
    .setExpirationTime(ttl)
    .sign(await importJWK(await readOrCreateKey(issuerKey), algorithm))
