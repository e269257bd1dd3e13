import cors from '@fastify/cors'
import type { Context, Services } from '@pay-to-view/api'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { closeUnusedConnections } from './close-unused-connections.ts'
import { enableCompression } from './compression.ts'
import { createConcurrencyLimiter, createKeyedLimiter } from './concurrency-limiter.ts'
import type { CreateContext, Limits, ServerDeps } from './deps.ts'
import { serveDocs } from './docs.ts'
import { serveExport } from './export.ts'
import { serveHealth } from './health.ts'
import { serveJwks } from './jwks.ts'
import { rejectOtherMethods } from './method-not-allowed.ts'
import { observeRequests } from './observe-requests.ts'
import { sendParserError } from './parser-errors.ts'
import { handleErrors, problemHeaders, sendProblem } from './problems.ts'
import { addressKey, createRateLimiter, type RateLimiter } from './rate-limiter.ts'
import { serveRest } from './rest.ts'
import { securityHeaders } from './security-headers.ts'
import { createStreamLimiter } from './stream-limiter.ts'
import { serveTrpc } from './trpc.ts'
import { serveWebhook } from './webhook.ts'

const createApp = (loggerInstance: FastifyBaseLogger, limits: Limits): FastifyInstance =>
  Fastify({
    loggerInstance,
    // observeRequests logs one line per request, with its correlation ids.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    // A tRPC batch puts the names of all its procedures into one path segment.
    routerOptions: { maxParamLength: 5000 },
    bodyLimit: 256 * 1024,
    requestTimeout: 60_000,
    http: { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: limits.headersTimeoutMs / 5 },
    // Requests that arrive while the server stops are answered normally.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    // Errors of Node's HTTP parser.
    clientErrorHandler: sendParserError,
    // Errors before routing, such as an invalid percent-encoding in the path.
    frameworkErrors: sendProblem,
    trustProxy: limits.trustProxy.length > 0 && [...limits.trustProxy],
  })

/** Headers of every response. */
const setHeaders = (app: FastifyInstance, draining: AbortSignal): void => {
  const security = securityHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(security)
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    // tRPC's payloads are Responses, whose status Fastify applies only after this hook.
    const status = payload instanceof Response ? payload.status : reply.statusCode
    reply.headers({ 'x-request-id': request.id, ...problemHeaders(request, status) })
    // A response may be about one user, so it is cached only where its route says that it is public.
    if (status >= 400 || !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    // Otherwise the next request of this connection would reach a server that has stopped.
    if (draining.aborted) reply.header('connection', 'close')
    done()
  })
}

/** The limits of a procedure: the rate per user, then for creates the concurrency per user, then the concurrency of its lane. */
const createCallLimits = (limits: Limits, countUser: RateLimiter): Services['withLimit'] => {
  const lanes = {
    reads: createConcurrencyLimiter(limits.calls.reads),
    creates: createConcurrencyLimiter(limits.calls.creates),
    commands: createConcurrencyLimiter(limits.calls.commands),
  }
  const countCreate = createRateLimiter(limits.createsPerUser)
  const runForUser = createKeyedLimiter(limits.concurrentCreatesPerUser)
  return async (lane, caller, call) => {
    if (caller) await countUser(caller.id)
    if (lane !== 'creates' || !caller) return lanes[lane].run(call)
    await countCreate(caller.id)
    return runForUser(caller.id, () => lanes.creates.run(call))
  }
}

export const buildServer = async (deps: ServerDeps): Promise<FastifyInstance> => {
  const { limits, metrics } = deps
  const app = createApp(deps.log, limits)
  observeRequests(app, deps.log, metrics)
  const stopping = new AbortController()
  // Ends the open event streams first; otherwise the server would wait for them until it is killed.
  app.addHook('preClose', async () => stopping.abort())
  closeUnusedConnections(app)
  app.server.maxConnections = limits.maxConnections
  setHeaders(app, deps.draining)
  handleErrors(app)
  const addOtherMethods = rejectOtherMethods(app)
  await app.register(cors, {
    origin: [...deps.webOrigins],
    exposedHeaders: ['x-request-id', 'retry-after', 'www-authenticate', 'allow'],
    maxAge: 600,
    strictPreflight: false,
  })
  await enableCompression(app)

  const countUser = createRateLimiter(limits.callsPerUser)
  const countAddress = createRateLimiter(limits.callsPerAddress)
  const { reads, purchases, operator, buildLinks, accessChanges, playback } = deps
  const services: Services = {
    ...{ reads, purchases, operator, buildLinks, accessChanges, playback },
    withLimit: createCallLimits(limits, countUser),
    openStream: createStreamLimiter(limits.streams),
    stopping: stopping.signal,
  }
  const createContext: CreateContext = async (authorization, requestId): Promise<Context> => ({
    user: await deps.authenticate(authorization),
    apiKey: null,
    requestId,
    services,
  })

  await app.register(async (limited) => {
    // Runs before the token is verified, to slow down guessing of tokens.
    limited.addHook('onRequest', ({ ip }) => countAddress(addressKey(ip)))
    await limited.register(serveRest(createContext))
    await limited.register(serveExport(createContext))
    await limited.register(serveTrpc(createContext, countAddress), { prefix: '/trpc' })
  })
  await app.register(serveWebhook(deps, createConcurrencyLimiter(limits.webhooks), limits.unverifiedBodies, metrics))
  await app.register(serveHealth(deps, metrics))
  await app.register(serveDocs)
  await app.register(serveJwks(deps.playback))
  addOtherMethods()
  return app
}
