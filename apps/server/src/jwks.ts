import type { Playback } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'

/** How long caches may keep the keys. A new key must be published for at least this long before it is used to sign. */
const maxAgeSeconds = 300

/** Serves /.well-known/jwks.json: the public keys of the playback tokens. */
export const serveJwks =
  (playback: Playback | null): FastifyPluginAsync =>
  async (app) => {
    app.get('/.well-known/jwks.json', async (_request, reply) =>
      reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).send(playback?.publicKeys ?? { keys: [] }),
    )
  }
