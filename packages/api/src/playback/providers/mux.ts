import type { KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { z } from 'zod'
import type { PlaybackProvider } from '../provider.ts'
import { rsaPrivateKey } from '../rsa-key.ts'

export const muxEnvironment = {
  MUX_SIGNING_KEY_ID: z.string().optional().describe('Mux: id of a signing key'),
  MUX_SIGNING_PRIVATE_KEY: rsaPrivateKey.optional().describe('Mux: private key of the signing key, in base64 as Mux shows it'),
}

export interface MuxKeys {
  keyId: string
  privateKey: KeyObject
}

/** Mux Video with signed playback ids. Source: docs.mux.com, "Secure video playback". The key id is a claim. */
export const createMuxProvider = ({ keyId, privateKey }: MuxKeys): PlaybackProvider<'mux'> => {
  const signFor = (audience: 'v' | 't', playbackId: string, expiresAt: number): Promise<string> =>
    new SignJWT({ kid: keyId })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setSubject(playbackId)
      .setAudience(audience)
      .setExpirationTime(expiresAt)
      .sign(privateKey)
  return {
    swapsTokens: false,
    sign: async ({ source: { playbackId }, expiresAt }) => {
      const token = await signFor('v', playbackId, expiresAt)
      return { url: `https://stream.mux.com/${playbackId}.m3u8?token=${token}`, token }
    },
    thumbnailUrl: async ({ source: { playbackId }, expiresAt }) =>
      `https://image.mux.com/${playbackId}/thumbnail.jpg?token=${await signFor('t', playbackId, expiresAt)}`,
  }
}
