import type { Playback } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'

/** How long caches may keep the keys. A new key must have been published for at least this long before it signs tokens. */
const maxAgeSeconds = 300

/** Serves /.well-known/jwks.json: the public keys that verify playback tokens. */
export const serveJwks =
  (playback: Playback | null): FastifyPluginAsync =>
  async (app) => {
    app.get('/.well-known/jwks.json', async (_request, reply) =>
      reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).send(playback?.publicKeys ?? { keys: [] }),
    )
  }
