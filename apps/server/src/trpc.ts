import { type AppRouter, appRouter, classify } from '@pay-to-view/api'
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { ContextOf } from './deps.ts'

export const serveTrpc =
  (contextOf: ContextOf): FastifyPluginAsync =>
  async (app) => {
    // The connection of an event stream is not used again: so nothing of it is left to wait for when the server stops.
    app.addHook('onSend', async (_request, _reply, payload) => {
      if (!(payload instanceof Response)) return
      if (payload.headers.get('content-type')?.startsWith('text/event-stream')) payload.headers.set('connection', 'close')
    })
    const options: FastifyTRPCPluginOptions<AppRouter> = {
      trpcOptions: {
        router: appRouter,
        createContext: ({ req }: { req: FastifyRequest }) => contextOf(req.headers.authorization, req.id),
        onError: ({ error, req }) => {
          if (classify(error).code === 'internal') req.log.error({ err: error }, 'procedure failed')
        },
      },
    }
    await app.register(fastifyTRPCPlugin, options)
  }
