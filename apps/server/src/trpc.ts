import type { IncomingMessage } from 'node:http'
import { ApiError, appRouter, toApiError, trpcErrorShape } from '@pay-to-view/api'
import type { TRPCError } from '@trpc/server'
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { maxBodyBytes, readText } from './body-limits.ts'
import type { CreateContext } from './deps.ts'
import { describeError } from './problems.ts'
import type { RequestCounter } from './rate-limiter.ts'
import { parseQueryRequest, type QueryRequest, runQueries } from './trpc-queries.ts'

/** The value of `Vary`: tRPC's own value plus Origin, because tRPC's header replaces the header that the CORS plugin has set. */
const vary = 'trpc-accept, accept, Origin'

const maxBatchSize = 100

/**
 * Returns the number of calls in a request. Commas separate the procedure names and may still be percent-encoded, because tRPC decodes the
 * path once more than Fastify does.
 */
const countCalls = ({ query, params: { path = '' } }: FastifyRequest<QueryRequest>): number =>
  query.batch === undefined ? 1 : path.split(/,|%2c/i).length

export const serveTrpc =
  (createContext: CreateContext, countRequest: RequestCounter): FastifyPluginAsync =>
  async (app) => {
    // Errors that occur before a procedure is called are sent in tRPC's format.
    app.setErrorHandler<Error, QueryRequest>((error, request, reply) => {
      const problem = describeError(error, request)
      reply.code(problem.status).send({ error: trpcErrorShape(problem, request.params.path) })
    })
    // The request has already been counted as one call. The other calls in its batch also count against the IP address.
    app.addHook<QueryRequest>('onRequest', async (request) => {
      const calls = countCalls(request)
      if (calls > maxBatchSize) {
        throw new ApiError('validation', {
          field: 'path',
          message: `Expected at most ${maxBatchSize} calls in a batch, got ${calls}`,
        })
      }
      if (calls > 1) await countRequest(request, calls - 1)
    })
    app.addHook('onSend', ({ method }, _reply, payload, done) => {
      if (payload instanceof Response) {
        const isStream = payload.headers.get('content-type')?.startsWith('text/event-stream') === true
        payload.headers.set('vary', vary)
        payload.headers.set('cache-control', isStream ? 'no-store, no-transform' : 'no-store')
        // Mutations use POST, subscriptions use GET, and queries may use either.
        if (payload.status === 405) payload.headers.set('allow', method === 'GET' ? 'POST' : 'GET')
        // An event stream's connection is not reused, so that a stopping server does not wait for it.
        if (isStream) payload.headers.set('connection', 'close')
      }
      done()
    })
    // tRPC's handler parses JSON itself. A body of any other type is rejected before it is read.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('application/json', async (request: FastifyRequest, body: IncomingMessage) => {
      const { user } = await createContext(request)
      return readText(request, body, user?.admin === false ? maxBodyBytes.user : maxBodyBytes.operator)
    })
    const logInternalError = (req: FastifyRequest, error: TRPCError): void => {
      if (toApiError(error).code === 'internal') req.log.error({ err: error }, 'procedure failed')
    }
    app.route<QueryRequest>({
      method: ['GET', 'POST'],
      url: '/:path',
      // Fastify's automatic HEAD route does not support the responses of tRPC's handler.
      exposeHeadRoute: false,
      handler: async (req, res) => {
        const calls = parseQueryRequest(req)
        if (calls) {
          const context = createContext(req)
          const { status, body } = await runQueries(calls, context, (error) => logInternalError(req, error))
          return res.code(status).type('application/json').header('vary', vary).send(body)
        }
        await fastifyRequestHandler({
          req,
          res,
          router: appRouter,
          path: req.params.path,
          // Clients send a query as POST if its input is too long for a URL.
          allowMethodOverride: true,
          createContext: () => createContext(req),
          responseMeta: ({ errors: [error] }) => {
            const retryAfterSeconds = error && toApiError(error).retryAfterSeconds
            return retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }
          },
          onError: ({ error }) => logInternalError(req, error),
        })
      },
    })
  }
