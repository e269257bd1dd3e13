import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Faults } from '../faults/faults.ts'
import type { World } from '../world.ts'
import { authorize } from './auth.ts'
import { StripeError } from './errors.ts'
import { expanded } from './expand.ts'
import { Idempotency, type Keyed } from './idempotency.ts'
import type { Route } from './route.ts'

interface Answer {
  status: number
  body: unknown
}

/** Every request to /v1 takes the same way: key, faults, idempotency, parameters, one transaction, answer. */
export const registerApi = (
  app: FastifyInstance,
  world: World,
  faults: Faults,
  routes: Route[],
  secretKey: string | undefined,
): void => {
  const idempotency = new Idempotency(world)

  const execute = (route: Route, request: FastifyRequest, keyed: Keyed | undefined): Answer => {
    const { run, expand } = route.read(request.method === 'GET' ? request.query : (request.body ?? {}))
    return world.transaction({ id: request.id, idempotency_key: keyed?.key ?? null }, () => {
      const body = expanded(world, run(world, pathId(request)), expand)
      if (keyed) idempotency.keep(keyed, 200, body)
      return { status: 200, body }
    })
  }

  const keepError = (keyed: Keyed | undefined, request: FastifyRequest, answer: Answer): Answer => {
    if (keyed)
      world.transaction({ id: request.id, idempotency_key: keyed.key }, () => idempotency.keep(keyed, answer.status, answer.body))
    return answer
  }

  const answer = (route: Route, request: FastifyRequest, keyed: Keyed | undefined): Answer => {
    try {
      return execute(route, request, keyed)
    } catch (error) {
      if (!(error instanceof StripeError)) throw error
      const refusal = { status: error.status, body: errorBody(error, request) }
      return error.executed ? keepError(keyed, request, refusal) : refusal
    }
  }

  for (const route of routes)
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        authorize(request.headers.authorization, secretKey)
        const key = request.headers['idempotency-key']
        const path = request.url.split('?')[0] ?? ''
        const keyed = idempotency.keyed(typeof key === 'string' ? key : undefined, request.method, path, request.body ?? {})
        const fault = faults.forRequest(request.method, path)
        if (fault?.effect === 'rate_limit') return rateLimited(request, reply)
        const known = keyed && idempotency.begin(keyed)
        if (keyed) reply.header('idempotency-key', keyed.key)
        if (known) reply.header('idempotent-replayed', 'true')
        try {
          if (fault) await fault.before(request.raw)
          if (fault?.cuts) return cut(reply)
          const fresh = () =>
            fault?.effect === 'error' ? keepError(keyed, request, serverError(request)) : answer(route, request, keyed)
          const given = known ?? fresh()
          return fault?.effect === 'lost_answer' ? cut(reply) : send(reply, given)
        } finally {
          if (keyed && !known) idempotency.finish(keyed)
        }
      },
    })
}

export const errorBody = (error: StripeError, request: FastifyRequest) => ({
  error: { ...error.body, request_log_url: `https://dashboard.stripe.com/test/workbench/logs?object=${request.id}` },
})

const pathId = ({ params }: FastifyRequest): string =>
  typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : ''

/** Stripe asks not to repeat a 500: its idempotency would only answer it again (stripe-node says so in RequestSender). */
const send = (reply: FastifyReply, { status, body }: Answer) => {
  if (status === 500) reply.header('stripe-should-retry', 'false')
  return reply.status(status).send(body)
}

/** The connection ends without an answer. */
const cut = (reply: FastifyReply): FastifyReply => {
  reply.hijack()
  reply.raw.destroy()
  return reply
}

const serverError = (request: FastifyRequest): Answer => ({
  status: 500,
  body: errorBody(
    new StripeError(500, { type: 'api_error', message: 'An unknown error occurred (asked for by a fault of the emulator).' }),
    request,
  ),
})

/** Refused before anything ran, so nothing is kept under the key (Stripe's page "Rate limits"). */
const rateLimited = (request: FastifyRequest, reply: FastifyReply) => {
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
