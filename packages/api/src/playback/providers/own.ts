import type { Playback } from '../../access/playback.ts'
import type { PlaybackProvider } from '../provider.ts'

/** The site's own server or CDN, which verifies the tokens that `access/playback-token` issues. */
export const createOwnProvider = (playback: Playback): PlaybackProvider<'own'> => ({
  swapsTokens: true,
  sign: async ({ source, userId, entityId, expiresAt }) => ({
    url: source.url,
    token: await playback.signUntil({ userId, entityId, expiresAt }),
  }),
})
