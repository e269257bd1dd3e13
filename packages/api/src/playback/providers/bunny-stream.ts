import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { PlaybackProvider } from '../provider.ts'

export const bunnyStreamEnvironment = {
  BUNNY_STREAM_TOKEN_KEY: z
    .string()
    .optional()
    .describe("Bunny Stream: the library's token authentication key, for the embedded player"),
}

/** The embedded player of Bunny Stream. Source: docs.bunny.net, "Embed view token authentication". */
export const createBunnyStreamProvider = (tokenKey: string): PlaybackProvider<'bunny_stream'> => ({
  swapsTokens: false,
  sign: async ({ source: { libraryId, videoId }, expiresAt }) => {
    const token = createHash('sha256').update(`${tokenKey}${videoId}${expiresAt}`).digest('hex')
    return { url: `https://iframe.mediadelivery.net/embed/${libraryId}/${videoId}?token=${token}&expires=${expiresAt}`, token }
  },
})
