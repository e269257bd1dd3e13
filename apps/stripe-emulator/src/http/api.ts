import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../account.ts'
import type { Faults } from '../faults/faults.ts'
import { authorize } from './auth.ts'
import { CommittedError, StripeError } from './errors.ts'
import { expandResponse } from './expand.ts'
import { Idempotency, type KeyedRequest } from './idempotency.ts'
import { assertPermitted } from './permissions.ts'
import { checkHeaders, unsupportedContentType, versionOf } from './request-checks.ts'
import type { Route } from './route.ts'

interface ApiResponse {
  status: number
  body: unknown
}

/** Handles every request to /v1 with the same steps, in this order: API key, faults, idempotency, parameters, one transaction, response. */
export const registerApi = (
  app: FastifyInstance,
  account: Account,
  faults: Faults,
  routes: Route[],
  secretKey: string | undefined,
): void => {
  const idempotency = new Idempotency(account)

  const execute = (route: Route, request: FastifyRequest, keyed: KeyedRequest | undefined): ApiResponse => {
    const { run, expand } = route.parse(parametersOf(request), versionOf(request))
    return account.transaction({ id: request.id, idempotency_key: keyed?.key ?? null }, () => {
      const result = run(account, pathId(request))
      const response =
        result instanceof CommittedError
          ? { status: result.error.status, body: errorBody(result.error, request) }
          : { status: 200, body: expandResponse(account, result, expand) }
      if (keyed) idempotency.save(keyed, response.status, response.body)
      return response
    })
  }

  const saveError = (keyed: KeyedRequest | undefined, request: FastifyRequest, response: ApiResponse): ApiResponse => {
    if (keyed)
      account.transaction({ id: request.id, idempotency_key: keyed.key }, () =>
        idempotency.save(keyed, response.status, response.body),
      )
    return response
  }

  const respond = (route: Route, request: FastifyRequest, keyed: KeyedRequest | undefined): ApiResponse => {
    try {
      return execute(route, request, keyed)
    } catch (error) {
      if (!(error instanceof StripeError)) throw error
      const rejection = { status: error.status, body: errorBody(error, request) }
      return error.executed ? saveError(keyed, request, rejection) : rejection
    }
  }

  const handlerOf = (route: Route) => async (request: FastifyRequest, reply: FastifyReply) => {
    const key = request.headers['idempotency-key']
    const path = request.url.split('?')[0] ?? ''
    const keyed = idempotency.keyedRequest(typeof key === 'string' ? key : undefined, request.method, path, parametersOf(request))
    const fault = faults.forRequest(request.method, path)
    if (fault?.effect === 'rate_limit') return sendRateLimited(request, reply)
    const stored = keyed && idempotency.begin(keyed)
    if (keyed) reply.header('idempotency-key', keyed.key)
    if (stored) reply.header('idempotent-replayed', 'true')
    try {
      if (fault) await fault.delay(request.raw)
      if (fault?.preventsExecution) return disconnect(reply)
      const executeNow = () =>
        fault?.effect === 'error' ? saveError(keyed, request, serverError(request)) : respond(route, request, keyed)
      const response = stored ?? executeNow()
      return fault?.effect === 'lost_response' ? disconnect(reply) : send(reply, response)
    } finally {
      if (keyed && !stored) idempotency.finish(keyed)
    }
  }

  void app.register(async (v1) => {
    acceptFormsOnly(v1)
    v1.addHook('onRequest', async (request) => {
      const key = authorize(
        request.headers.authorization,
        secretKey,
        (one) => account.store.restrictedKeys.get(one) !== undefined,
      )
      assertPermitted(account, key, request.method, request.url)
      checkHeaders(request)
    })
    for (const route of routes) v1.route({ method: route.method, url: route.path, handler: handlerOf(route) })
  })
}

export const errorBody = (error: StripeError, request: FastifyRequest) => ({
  error: { ...error.body, request_log_url: `https://dashboard.stripe.com/test/workbench/logs?object=${request.id}` },
})

const acceptFormsOnly = (app: FastifyInstance): void => {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else done(unsupportedContentType(request.headers['content-type'] ?? ''))
  })
}

/** Merges the parameters, because Stripe reads them from both the query string and the form body of every request. */
const parametersOf = ({ query, body }: FastifyRequest): object => Object.assign({}, query, body)

const pathId = ({ params }: FastifyRequest): string =>
  typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : ''

/**
 * Sends a response. Stripe tells clients not to retry a 500, because a retry with the same idempotency key would return the same 500
 * (stripe-node's RequestSender).
 */
const send = (reply: FastifyReply, { status, body }: ApiResponse) => {
  if (status === 500) reply.header('stripe-should-retry', 'false')
  return reply.status(status).send(body)
}

/** Closes the connection without a response. */
const disconnect = (reply: FastifyReply): FastifyReply => {
  reply.hijack()
  reply.raw.destroy()
  return reply
}

const serverError = (request: FastifyRequest): ApiResponse => ({
  status: 500,
  body: errorBody(
    new StripeError(500, { type: 'api_error', message: 'An unknown error occurred (injected by the emulator).' }),
    request,
  ),
})

/** Sends 429. The request is rejected before execution, so no response is stored under the idempotency key (Stripe's page "Rate limits"). */
const sendRateLimited = (request: FastifyRequest, reply: FastifyReply) => {
  const error = new StripeError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: 'Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.',
  })
  return reply
    .status(429)
    .header('retry-after', '1')
    .header('stripe-should-retry', 'true')
    .header('stripe-rate-limited-reason', 'global-rate')
    .send(errorBody(error, request))
}
