import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import {
  ApiError,
  type AppRouter,
  type Authenticator,
  appRouter,
  type Context,
  classify,
  openApiDocument,
  problemOf,
  restRoutes,
  type User,
} from '@pay-to-view/api'
import type { Reads } from '@pay-to-view/db'
import { verifyWebhook } from '@pay-to-view/stripe'
import type { Door } from '@pay-to-view/temporal/door'
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Registry } from 'prom-client'

export interface ServerDeps {
  authenticate: Authenticator
  reads: Reads
  purchases: Context['purchases']
  operator: Context['operator']
  linksOf: Context['linksOf']
  door: Door
  webhookSecrets: readonly string[]
  webOrigins: readonly string[]
  logLevel: string
  /** Rejects while Temporal is away. */
  pingTemporal: () => Promise<void>
}

const secretsOf = ['req.headers.authorization', 'req.headers.cookie', 'clientSecret', '*.clientSecret']

export const buildServer = async (deps: ServerDeps): Promise<FastifyInstance> => {
  const app = Fastify({
    logger: { level: deps.logLevel, redact: secretsOf },
    routerOptions: { maxParamLength: 5000 },
    bodyLimit: 256 * 1024,
    requestTimeout: 60_000,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
  })
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const received = new Counter({
    name: 'pay_to_view_webhooks_total',
    help: "Stripe's events by what became of them",
    labelNames: ['outcome'],
    registers: [metrics],
  })

  await app.register(helmet)
  await app.register(cors, { origin: [...deps.webOrigins], exposedHeaders: ['x-request-id', 'retry-after'] })
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })

  app.setErrorHandler(async (error, request, reply) => {
    const refused = refusalOf(error)
    const known = refused ? new ApiError(refused) : classify(error)
    const problem = problemOf(known, request.id)
    if (problem.status >= 500) request.log.error({ err: error }, 'request failed')
    if (problem.status === 503) reply.header('retry-after', '2')
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  app.setNotFoundHandler((_request, _reply) => {
    throw new ApiError('not_found')
  })

  const contextOf = (user: User | null, requestId: string): Context => ({
    user,
    requestId,
    reads: deps.reads,
    purchases: deps.purchases,
    operator: deps.operator,
    linksOf: deps.linksOf,
  })

  // A POST without a body may still say that it is JSON.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined)
    try {
      done(null, JSON.parse(String(body)))
    } catch {
      done(new ApiError('validation', { field: 'body', message: 'Expected JSON' }))
    }
  })

  for (const route of restRoutes()) {
    app.route<{ Params: Record<string, string>; Body: unknown }>({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: async (request) => {
        const user = await deps.authenticate(request.headers.authorization)
        const key = request.headers['idempotency-key']
        const query = new URL(request.url, 'http://localhost').searchParams
        return route.call(
          { params: request.params, query, body: request.body, idempotencyKey: typeof key === 'string' ? key : undefined },
          contextOf(user, request.id),
        )
      },
    })
  }

  const trpc: FastifyTRPCPluginOptions<AppRouter> = {
    prefix: '/trpc',
    trpcOptions: {
      router: appRouter,
      createContext: async ({ req }: { req: FastifyRequest }) =>
        contextOf(await deps.authenticate(req.headers.authorization), req.id),
      onError: ({ error, req }) => {
        if (classify(error).code === 'internal') req.log.error({ err: error }, 'procedure failed')
      },
    },
  }
  await app.register(fastifyTRPCPlugin, trpc)

  await app.register(async (webhooks) => {
    webhooks.removeAllContentTypeParsers()
    webhooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 1024 * 1024 }, (_request, body, done) => done(null, body))
    webhooks.post('/client/v1/webhooks/stripe', { bodyLimit: 1024 * 1024 }, async (request, reply) => {
      const signature = request.headers['stripe-signature']
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const event = verifyWebhook(body, typeof signature === 'string' ? signature : undefined, deps.webhookSecrets)
      if (!event) {
        received.inc({ outcome: 'refused' })
        throw new ApiError('validation', {
          field: 'Stripe-Signature',
          message: "Expected a signature of this body by the endpoint's secret",
        })
      }
      const outcome = await deps.door.receive(event, 'webhook').catch((error: unknown) => {
        received.inc({ outcome: 'failed' })
        // Whatever it is, Stripe has to send it again.
        const known = classify(error)
        throw known.code === 'internal' ? Object.assign(new ApiError('database_unavailable'), { cause: error }) : known
      })
      received.inc({ outcome })
      request.log.info({ eventId: event.id, type: event.type, outcome }, 'webhook')
      return reply.send({ received: true })
    })
  })

  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const [database, temporal] = await Promise.allSettled([deps.reads.ping(), deps.pingTemporal()])
    const ready = database.status === 'fulfilled' && temporal.status === 'fulfilled'
    const say = (part: PromiseSettledResult<unknown>) => (part.status === 'fulfilled' ? 'ok' : 'away')
    return reply.code(ready ? 200 : 503).send({ database: say(database), temporal: say(temporal) })
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  app.get('/openapi.json', async (request) => openApiDocument(`${request.protocol}://${request.host}`))
  return app
}

/** Refusals of Fastify's own, before any procedure is called. */
const refusals: Record<number, 'validation' | 'payload_too_large' | 'unsupported_media_type' | undefined> = {
  400: 'validation',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
}

const refusalOf = (error: unknown) => {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined
  const { statusCode, code } = error
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' ? refusals[statusCode] : undefined
}
