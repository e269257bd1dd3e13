import type { KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { z } from 'zod'
import type { PlaybackProvider } from '../provider.ts'
import { rsaPrivateKey } from '../rsa-key.ts'

export const cloudflareEnvironment = {
  CLOUDFLARE_STREAM_CUSTOMER_CODE: z
    .string()
    .regex(/^[a-z0-9]+$/, 'Expected the code in customer-CODE.cloudflarestream.com')
    .optional()
    .describe('Cloudflare Stream: the code in customer-CODE.cloudflarestream.com'),
  CLOUDFLARE_STREAM_KEY_ID: z.string().optional().describe('Cloudflare Stream: id of a signing key'),
  CLOUDFLARE_STREAM_SIGNING_KEY: rsaPrivateKey
    .optional()
    .describe('Cloudflare Stream: private key of the signing key, the `jwk` or `pem` in base64 as the API returns it'),
}

export interface CloudflareKeys {
  customerCode: string
  keyId: string
  privateKey: KeyObject
}

/** Cloudflare Stream. Source: developers.cloudflare.com, "Secure your Stream". The token replaces the video's id in the URL. */
export const createCloudflareProvider = ({ customerCode, keyId, privateKey }: CloudflareKeys): PlaybackProvider<'cloudflare'> => {
  const origin = `https://customer-${customerCode}.cloudflarestream.com`
  return {
    swapsTokens: false,
    maxTokenSeconds: 24 * 3_600,
    sign: async ({ source: { uid }, expiresAt }) => {
      const token = await new SignJWT({ kid: keyId })
        .setProtectedHeader({ alg: 'RS256', kid: keyId })
        .setSubject(uid)
        .setExpirationTime(expiresAt)
        .sign(privateKey)
      return { url: `${origin}/${token}/manifest/video.m3u8`, token }
    },
    thumbnailUrl: async (_request, { token }) => `${origin}/${token}/thumbnails/thumbnail.jpg`,
  }
}
