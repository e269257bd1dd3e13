import { importJWK, SignJWT } from 'jose'
import { z } from 'zod'

const coordinate = z.string().regex(/^[\w-]{43}$/, 'Expected 32 bytes in base64url')

/** A private key of ES256 as a JSON Web Key (RFC 7517, RFC 7518 section 6.2). */
export const PlaybackKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
  kid: z.string().min(1, 'Expected a name that no other key has'),
  alg: z.literal('ES256').optional(),
})
export type PlaybackKey = z.infer<typeof PlaybackKey>

export interface PlaybackOptions {
  /** iss of the tokens. */
  issuer: string
  /** The first signs, all are published: so a new key is known before it signs, and an old one while its tokens live. */
  keys: readonly PlaybackKey[]
  /** Seconds that a token is good for, unless access ends sooner. */
  lifetime: number
}

export interface PlaybackGrant {
  userId: string
  entityId: string
  /** Milliseconds since the epoch; null for access without an end. */
  accessEnds: number | null
}

export interface Playback {
  /** Null when the access is over within this second. `expiresAt` is in seconds since the epoch. */
  sign(grant: PlaybackGrant): Promise<{ token: string; expiresAt: number } | null>
  /** What the world may know of the keys: a JSON Web Key Set. */
  publicKeys: { keys: object[] }
}

/** Signs what a player shows to a CDN: this user may see this entity for so long. Null without keys: this server gives no such tokens. */
export const createPlayback = async ({ issuer, keys, lifetime }: PlaybackOptions): Promise<Playback | null> => {
  const [first] = keys
  if (!first) return null
  const [signing] = await Promise.all(keys.map((key) => importJWK(key, 'ES256')))
  if (!signing) return null
  return {
    sign: async ({ userId, entityId, accessEnds }) => {
      const now = Math.floor(Date.now() / 1000)
      // Rounded down: never past the end of access.
      const expiresAt = Math.min(now + lifetime, accessEnds === null ? Number.POSITIVE_INFINITY : Math.floor(accessEnds / 1000))
      if (expiresAt <= now) return null
      const token = await new SignJWT({ entityId })
        .setProtectedHeader({ alg: 'ES256', kid: first.kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience('playback')
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .setJti(crypto.randomUUID())
        .sign(signing)
      return { token, expiresAt }
    },
    publicKeys: { keys: keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' })) },
  }
}
