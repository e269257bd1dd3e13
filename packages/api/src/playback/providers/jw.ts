import { SignJWT } from 'jose'
import { z } from 'zod'
import type { PlaybackProvider } from '../provider.ts'

export const jwEnvironment = {
  JW_API_SECRET: z.string().optional().describe("JW Player: the property's API secret (v1)"),
}

/** JW Player's Delivery API with signed URLs. Source: docs.jwplayer.com, "Protect your content with signed URLs". */
export const createJwProvider = (secret: string): PlaybackProvider<'jw'> => {
  const key = new TextEncoder().encode(secret)
  return {
    swapsTokens: false,
    sign: async ({ source: { mediaId }, expiresAt }) => {
      const resource = `/v2/media/${mediaId}`
      const token = await new SignJWT({ resource })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setExpirationTime(expiresAt)
        .sign(key)
      return { url: `https://cdn.jwplayer.com${resource}?token=${token}`, token }
    },
  }
}
