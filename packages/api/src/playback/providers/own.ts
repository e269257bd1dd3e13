import type { Playback } from '../../access/playback.ts'
import type { PlaybackProvider } from '../provider.ts'

/** A server or CDN of the site's own, which verifies the same tokens as those of `access/playback-token`. */
export const createOwnProvider = (playback: Playback): PlaybackProvider<'own'> => ({
  swapsTokens: true,
  sign: async ({ source, userId, entityId, expiresAt }) => ({
    url: source.url,
    token: await playback.signUntil({ userId, entityId, expiresAt }),
  }),
})
