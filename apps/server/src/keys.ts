import type { Playback } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'

/** Seconds that an edge may keep the keys: a new key has to be published for as long before it signs. */
const maxAge = 300

/** /.well-known/jwks.json: the public parts of the keys that sign playback tokens. */
export const serveKeys =
  (playback: Playback | null): FastifyPluginAsync =>
  async (app) => {
    app.get('/.well-known/jwks.json', async (_request, reply) =>
      reply.header('cache-control', `public, max-age=${maxAge}`).send(playback?.publicKeys ?? { keys: [] }),
    )
  }
