import { ApiError, appRouter, classify } from '@pay-to-view/api'
import type { TRPCError } from '@trpc/server'
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { ContextOf } from './deps.ts'
import { answerQueries, askedIn, type QueryRequest } from './queries.ts'
import { addressKey, type Rate } from './rates.ts'

const vary = 'trpc-accept, accept'

/** The most calls that one batch may hold. */
const batchLimit = 100

const callsIn = ({ query, params }: FastifyRequest<QueryRequest>): number =>
  query.batch === undefined ? 1 : params.path.split(',').length

export const serveTrpc =
  (contextOf: ContextOf, countAddress: Rate): FastifyPluginAsync =>
  async (app) => {
    // A batch is one request: whoever calls without a token is counted for each of its calls as well.
    app.addHook<QueryRequest>('onRequest', async (request) => {
      const calls = callsIn(request)
      if (calls > batchLimit) {
        throw new ApiError('validation', {
          field: 'path',
          message: `Expected at most ${batchLimit} calls in a batch, not ${calls}`,
        })
      }
      if (calls > 1) await countAddress(addressKey(request.ip), calls - 1)
    })
    // The connection of an event stream is not used again: so nothing of it is left to wait for when the server stops.
    app.addHook('onSend', async (_request, _reply, payload) => {
      if (!(payload instanceof Response)) return
      if (payload.headers.get('content-type')?.startsWith('text/event-stream')) payload.headers.set('connection', 'close')
    })
    // tRPC's handler reads the bodies itself.
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) => body)
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
