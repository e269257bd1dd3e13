import { type Context, preferredLanguage, type Services } from '@pay-to-view/api'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { verifyApiKeys } from './api-keys.ts'
import { maxBodyBytes, requireCallerForBody } from './body-limits.ts'
import { closeUnusedConnections } from './close-unused-connections.ts'
import { enableCompression } from './compression.ts'
import { createConcurrencyLimiter, createKeyedLimiter } from './concurrency-limiter.ts'
import { enableCors } from './cors.ts'
import type { CreateContext, Limits, ServerDeps } from './deps.ts'
import { serveDocs } from './docs.ts'
import { serveExport } from './export.ts'
import { serveHealth } from './health.ts'
import { serveJwks } from './jwks.ts'
import { answerMalformedRequests, routeAgain } from './malformed-requests.ts'
import { rejectOtherMethods } from './method-not-allowed.ts'
import { observeRequests } from './observe-requests.ts'
import { createParserErrorHandler, rejectConnect } from './parser-errors.ts'
import { handleErrors, problemHeaders } from './problems.ts'
import { addressKey, createKeyRateLimiter, createRateLimiter, type RateLimiter, type RequestCounter } from './rate-limiter.ts'
import { limitRejectedCodes } from './rejected-codes.ts'
import { serveRest } from './rest.ts'
import { securityHeaders } from './security-headers.ts'
import { createStreamLimiter } from './stream-limiter.ts'
import { serveTrpc } from './trpc.ts'
import { serveWebhook } from './webhook.ts'

const createApp = (loggerInstance: FastifyBaseLogger, limits: Limits, webOrigins: readonly string[]): FastifyInstance =>
  Fastify({
    loggerInstance,
    // observeRequests logs one line per request instead, with the request's correlation ids.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    // Higher than Node's limit for the request line and headers, so this limit never rejects a parameter.
    routerOptions: { maxParamLength: 1024 * 1024 },
    bodyLimit: maxBodyBytes.user,
    requestTimeout: 60_000,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.headersTimeoutMs / 5,
      // For a request without a Host header, Node would send an error without our headers, so malformed-requests.ts rejects the request
      // instead.
      requireHostHeader: false,
    },
    // Requests that arrive while the server is stopping are handled normally.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    // Errors from Node's HTTP parser.
    clientErrorHandler: createParserErrorHandler(webOrigins),
    // Errors before routing, such as invalid percent-encoding in the path.
    frameworkErrors: routeAgain,
    trustProxy: limits.trustProxy.length > 0 && [...limits.trustProxy],
  })

/** Returns the Retry-After header that an error has set, in REST or tRPC. */
const ownRetryAfter = (reply: FastifyReply, payload: unknown) => {
  const value = payload instanceof Response ? payload.headers.get('retry-after') : reply.getHeader('retry-after')
  return value === null || value === undefined ? {} : { 'retry-after': value }
}

/** Sets the headers of every response. */
const setHeaders = (app: FastifyInstance, draining: AbortSignal): void => {
  const security = securityHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(security)
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    // tRPC's payloads are `Response` objects, whose status Fastify applies only after this hook.
    const status = payload instanceof Response ? payload.status : reply.statusCode
    reply.headers({ 'x-request-id': request.id, ...problemHeaders(request, status), ...ownRetryAfter(reply, payload) })
    // A response may be about one user, so it may be cached only if its route marks it as public.
    if (status >= 400 || !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    // Without this header, the client could send its next request on this connection to a stopped server.
    if (draining.aborted) reply.header('connection', 'close')
    done()
  })
}

/**
 * Applies a procedure's limits in this order: the rate per user or API key, the rate and the concurrency of a user's create calls, and the
 * concurrency of the procedure's lane.
 */
const createCallLimits = (limits: Limits, countUser: RateLimiter): Services['withLimit'] => {
  const lanes = {
    reads: createConcurrencyLimiter(limits.calls.reads),
    lists: createConcurrencyLimiter(limits.calls.lists),
    creates: createConcurrencyLimiter(limits.calls.creates),
    commands: createConcurrencyLimiter(limits.calls.commands),
    catalog: createConcurrencyLimiter(limits.calls.catalog),
  }
  const countKey = createKeyRateLimiter(limits.callsPerKey)
  const countCreate = createRateLimiter(limits.createsPerUser)
  const runForUser = createKeyedLimiter(limits.concurrentCreatesPerUser)
  return async (lane, caller, call) => {
    if (caller) await ('scopes' in caller ? countKey(caller) : countUser(caller.id))
    if (lane !== 'creates' || !caller) return lanes[lane].run(call)
    await countCreate(caller.id)
    return runForUser(caller.id, () => lanes.creates.run(call))
  }
}

const oncePerRequest = (createContext: CreateContext): CreateContext => {
  const contexts = new WeakMap<Parameters<CreateContext>[0], Promise<Context>>()
  return (request) => {
    const context = contexts.get(request) ?? createContext(request)
    contexts.set(request, context)
    return context
  }
}

export const buildServer = async (deps: ServerDeps): Promise<FastifyInstance> => {
  const { limits, metrics } = deps
  const app = createApp(deps.log, limits, deps.webOrigins)
  observeRequests(app, deps.log, metrics)
  const stopping = new AbortController()
  // Ends the open event streams first, because the server would otherwise wait for them until it is killed.
  app.addHook('preClose', async () => stopping.abort())
  closeUnusedConnections(app)
  app.server.maxConnections = limits.maxConnections
  setHeaders(app, deps.draining)
  handleErrors(app)
  const addOtherMethods = rejectOtherMethods(app)
  await enableCors(app, deps.webOrigins)
  answerMalformedRequests(app)
  rejectConnect(app.server)
  await enableCompression(app)

  const countUser = createRateLimiter(limits.callsPerUser)
  const countAddress = createRateLimiter(limits.callsPerAddress)
  const { reads, access, operator, buildLinks, accessChanges, automaticTax, consent, playback, playbackSessions } = deps
  const purchases = { ...deps.purchases, create: limitRejectedCodes(deps.purchases.create, limits.rejectedCodesPerUser) }
  const services: Services = {
    ...{ reads, access, purchases, operator, buildLinks, accessChanges, automaticTax, consent, playback, playbackSessions },
    withLimit: createCallLimits(limits, countUser),
    openStream: createStreamLimiter(limits.streams),
    stopping: stopping.signal,
  }
  const runForAddress = createKeyedLimiter(limits.concurrentCallsPerAddress)
  const servicesFor = (address: string): Services => ({
    ...services,
    withLimit: (lane, caller, call) => runForAddress(addressKey(address), () => services.withLimit(lane, caller, call)),
  })
  const apiKeys = verifyApiKeys(deps)
  const createContext = oncePerRequest(async ({ headers, id, ip }): Promise<Context> => {
    const apiKey = await apiKeys.authenticate(headers.authorization)
    const user = apiKey ? null : await deps.authenticate(headers.authorization)
    return {
      user,
      apiKey,
      requestId: id,
      language: preferredLanguage(headers['accept-language']),
      origin: { address: ip, userAgent: headers['user-agent'] },
      services: user || apiKey ? services : servicesFor(ip),
    }
  })
  /** A call with a known API key counts only against the key's own limit, even if users call from the same IP address. */
  const countRequest: RequestCounter = async ({ ip, headers: { authorization } }, calls) => {
    if (!apiKeys.isKnown(authorization)) await countAddress(addressKey(ip), calls)
  }

  await app.register(async (limited) => {
    // Runs before the token is verified, to slow down token guessing.
    limited.addHook('onRequest', (request) => countRequest(request))
    limited.addHook('onRequest', requireCallerForBody(createContext))
    await limited.register(serveRest(createContext))
    await limited.register(serveExport(createContext))
    await limited.register(serveTrpc(createContext, countRequest), { prefix: '/trpc' })
  })
  await app.register(serveWebhook(deps, createConcurrencyLimiter(limits.webhooks), limits.unverifiedBodies, metrics))
  await app.register(serveHealth(deps, metrics))
  await app.register(serveDocs)
  await app.register(serveJwks(deps.playback))
  addOtherMethods()
  return app
}
