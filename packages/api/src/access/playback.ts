import { importJWK, SignJWT } from 'jose'
import { z } from 'zod'

const coordinate = z.string('Expected 32 bytes in base64url').regex(/^[\w-]{43}$/, 'Expected 32 bytes in base64url')

/** An ES256 private key as a JSON Web Key (RFC 7517, RFC 7518 section 6.2). */
export const PlaybackKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
  kid: z.string('Expected a unique key id').min(1, 'Expected a unique key id'),
  alg: z.literal('ES256').optional(),
})
export type PlaybackKey = z.infer<typeof PlaybackKey>

export interface PlaybackOptions {
  /** The `iss` claim of every token. */
  issuer: string
  /**
   * The first key signs; all keys are published. During a rotation, the new key is published before it signs, and the old key stays
   * published until its tokens have expired.
   */
  keys: readonly PlaybackKey[]
  /** The maximum lifetime of a token. A token never outlives the user's access. */
  lifetimeSeconds: number
}

export interface PlaybackGrant {
  userId: string
  entityId: string
  /** Milliseconds since the epoch; null for permanent access. */
  accessEndsAt: number | null
}

export interface Playback {
  /** Returns null if access ends within the current second. `expiresAt` is in seconds since the epoch. */
  sign(grant: PlaybackGrant): Promise<{ token: string; expiresAt: number } | null>
  /** Signs a token with the given expiry and returns it. The caller must not pass an expiry later than the end of access. */
  signUntil(grant: Omit<PlaybackGrant, 'accessEndsAt'> & { expiresAt: number }): Promise<string>
  /** A JSON Web Key Set. */
  publicKeys: { keys: object[] }
}

/** Signs playback tokens, which prove to a CDN that a user has access to an entity. Returns null if there are no keys. */
export const createPlayback = async ({ issuer, keys, lifetimeSeconds }: PlaybackOptions): Promise<Playback | null> => {
  const [first] = keys
  if (!first) return null
  const [signing] = await Promise.all(keys.map((key) => importJWK(key, 'ES256')))
  if (!signing) return null
  const signUntil: Playback['signUntil'] = ({ userId, entityId, expiresAt }) =>
    new SignJWT({ entityId })
      .setProtectedHeader({ alg: 'ES256', kid: first.kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience('playback')
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(expiresAt)
      .setJti(crypto.randomUUID())
      .sign(signing)
  return {
    sign: async ({ userId, entityId, accessEndsAt }) => {
      const now = Math.floor(Date.now() / 1000)
      // The expiry is rounded down, so the token never outlives the access.
      const expiresAt = Math.min(
        now + lifetimeSeconds,
        accessEndsAt === null ? Number.POSITIVE_INFINITY : Math.floor(accessEndsAt / 1000),
      )
      if (expiresAt <= now) return null
      return { token: await signUntil({ userId, entityId, expiresAt }), expiresAt }
    },
    signUntil,
    publicKeys: { keys: keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' })) },
  }
}
