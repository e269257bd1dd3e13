import { appRouter, classify } from '@pay-to-view/api'
import type { TRPCError } from '@trpc/server'
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { ContextOf } from './deps.ts'
import { answerQueries, askedIn, type QueryRequest } from './queries.ts'

const vary = 'trpc-accept, accept'

export const serveTrpc =
  (contextOf: ContextOf): FastifyPluginAsync =>
  async (app) => {
    // The connection of an event stream is not used again: so nothing of it is left to wait for when the server stops.
    app.addHook('onSend', async (_request, _reply, payload) => {
      if (!(payload instanceof Response)) return
      if (payload.headers.get('content-type')?.startsWith('text/event-stream')) payload.headers.set('connection', 'close')
    })
    // tRPC's handler reads the bodies itself.
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) => body)
    app.addContentTypeParser('multipart/form-data', async (_request: unknown, body: unknown) => body)
    const tell = (req: FastifyRequest, error: TRPCError): void => {
      if (classify(error).code === 'internal') req.log.error({ err: error }, 'procedure failed')
    }
    app.all<QueryRequest>('/:path', async (req, res) => {
      const asked = askedIn(req)
      if (asked) {
        const context = contextOf(req.headers.authorization, req.id)
        const { status, body } = await answerQueries(asked, context, (error) => tell(req, error))
        return res.code(status).type('application/json').header('vary', vary).send(body)
      }
      await fastifyRequestHandler({
        req,
        res,
        router: appRouter,
        path: req.params.path,
        createContext: () => contextOf(req.headers.authorization, req.id),
        onError: ({ error }) => tell(req, error),
      })
    })
  }
