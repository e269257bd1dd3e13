import cors from '@fastify/cors'
import type { Context, Services } from '@pay-to-view/api'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { closeUnusedConnections } from './connections.ts'
import type { ServerDeps } from './deps.ts'
import { serveDocs } from './docs.ts'
import { serveExport } from './export.ts'
import { serveHealth } from './health.ts'
import { serveKeys } from './keys.ts'
import { refuseOtherMethods } from './methods.ts'
import { tellParserError } from './parser-errors.ts'
import { problemHeaders, tellProblem, tellProblems } from './problems.ts'
import { addressKey, createRate } from './rates.ts'
import { watchRequests } from './requests.ts'
import { serveRest } from './rest.ts'
import { securityHeaders } from './security-headers.ts'
import { createStreams } from './streams.ts'
import { serveTrpc } from './trpc.ts'
import { createTurns } from './turns.ts'
import { serveWebhook } from './webhook.ts'

export const buildServer = async (deps: ServerDeps): Promise<FastifyInstance> => {
  const { limits } = deps
  const loggerInstance: FastifyBaseLogger = deps.log
  const app = Fastify({
    loggerInstance,
    // One line a request is ours (watchRequests), with its ids.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    // tRPC's batches put the names of all procedures into one part of the path.
    routerOptions: { maxParamLength: 5000 },
    bodyLimit: 256 * 1024,
    requestTimeout: 60_000,
    http: { headersTimeout: limits.headersTimeout, connectionsCheckingInterval: limits.headersTimeout / 5 },
    // Whose request comes while the server stops is answered as any other.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    // What Node's parser refuses before there is a request.
    clientErrorHandler: tellParserError,
    // What is refused before a route is known, such as a path that cannot be decoded.
    frameworkErrors: tellProblem,
    trustProxy: limits.trustProxy.length > 0 && [...limits.trustProxy],
  })
  const { metrics } = deps
  watchRequests(app, deps.log, metrics)
  const stopping = new AbortController()
  // A server with an event stream open would wait for it until it is killed: streams end first.
  app.addHook('preClose', async () => stopping.abort())
  closeUnusedConnections(app)
  app.server.maxConnections = limits.connections

  const secure = securityHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(secure)
    done()
  })
  tellProblems(app)
  const otherMethods = refuseOtherMethods(app)
  await app.register(cors, {
    origin: [...deps.webOrigins],
    exposedHeaders: ['x-request-id', 'retry-after', 'www-authenticate', 'allow'],
    maxAge: 600,
    strictPreflight: false,
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    // tRPC's answers are Responses: Fastify reads their status after this.
    const status = payload instanceof Response ? payload.status : reply.statusCode
    reply.headers({ 'x-request-id': request.id, ...problemHeaders(request, status) })
    // The next request of this connection would come to a server that has stopped.
    if (deps.leaving.aborted) reply.header('connection', 'close')
    done()
  })

  const calls = createTurns(limits.calls)
  const openStream = createStreams(limits.streams)
  const countUser = createRate(limits.perUser)
  const countAddress = createRate(limits.perAddress)

  const { reads, purchases, operator, linksOf, accessHints, playback } = deps
  const services: Services = {
    ...{ reads, purchases, operator, linksOf, accessHints, playback },
    inTurn: async (user, call) => {
      if (user) await countUser(user.id)
      return calls.take(call)
    },
    openStream,
    stopping: stopping.signal,
  }
  const contextOf = async (authorization: string | undefined, requestId: string): Promise<Context> => ({
    user: await deps.authenticate(authorization),
    requestId,
    services,
  })

  await app.register(async (counted) => {
    // Before the token is looked at: who guesses tokens is counted too.
    counted.addHook('onRequest', ({ ip }) => countAddress(addressKey(ip)))
    await counted.register(serveRest(contextOf))
    await counted.register(serveExport(contextOf))
    await counted.register(serveTrpc(contextOf, countAddress), { prefix: '/trpc' })
  })
  await app.register(serveWebhook(deps, createTurns(limits.webhooks), metrics))
  await app.register(serveHealth(deps, metrics))
  await app.register(serveDocs)
  await app.register(serveKeys(deps.playback))
  otherMethods()
  return app
}
