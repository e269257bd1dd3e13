import { ApiError, appRouter, classify, shapeOf } from '@pay-to-view/api'
import type { TRPCError } from '@trpc/server'
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { ContextOf } from './deps.ts'
import { problemIn } from './problems.ts'
import { answerQueries, askedIn, type QueryRequest } from './queries.ts'
import { addressKey, type Rate } from './rates.ts'

/** tRPC's, and what the allowed origin depends on: the answers' own `Vary` takes the place of the one that CORS has set. */
const vary = 'trpc-accept, accept, Origin'

/** The most calls that one batch may hold. */
const batchLimit = 100

/** The calls that a request asks for: a comma parts them, and tRPC decodes the path once more than Fastify does. */
const callsIn = ({ query, params: { path = '' } }: FastifyRequest<QueryRequest>): number =>
  query.batch === undefined ? 1 : path.split(/,|%2c/i).length

export const serveTrpc =
  (contextOf: ContextOf, countAddress: Rate): FastifyPluginAsync =>
  async (app) => {
    // What is refused before any procedure is called is told as tRPC's clients read it.
    app.setErrorHandler<Error, QueryRequest>((error, request, reply) => {
      const problem = problemIn(error, request)
      reply.code(problem.status).send({ error: shapeOf(problem, request.params.path) })
    })
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
    app.addHook('onSend', ({ method }, _reply, payload, done) => {
      if (payload instanceof Response) {
        payload.headers.set('vary', vary)
        // A query is asked by GET, a mutation by POST.
        if (payload.status === 405) payload.headers.set('allow', method === 'GET' ? 'POST' : 'GET')
        // The connection of an event stream is not used again: so nothing of it is left to wait for when the server stops.
        if (payload.headers.get('content-type')?.startsWith('text/event-stream')) payload.headers.set('connection', 'close')
      }
      done()
    })
    // tRPC's handler parses JSON itself. A body of any other type is refused before it has come.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) => body)
    const tell = (req: FastifyRequest, error: TRPCError): void => {
      if (classify(error).code === 'internal') req.log.error({ err: error }, 'procedure failed')
    }
    app.route<QueryRequest>({
      method: ['GET', 'POST'],
      url: '/:path',
      // Fastify's cannot take the answers of tRPC's handler.
      exposeHeadRoute: false,
      handler: async (req, res) => {
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
      },
    })
  }
