import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify'
import qs from 'qs'
import type { Account } from '../account.ts'
import { newId } from '../ids.ts'
import { errorBody } from './api.ts'
import { StripeError } from './errors.ts'
import { versionOf } from './request-checks.ts'
import { isStripeEndpoint } from './stripe-api.ts'

/** Parses Stripe's bracket notation, such as `line_items[0][price_data][unit_amount]` and `expand[]`. */
export const parseForm = (text: string): Record<string, unknown> =>
  qs.parse(text, { depth: 20, arrayLimit: 1000, parameterLimit: 10_000, allowPrototypes: true })

/** Creates a server that parses requests and reports errors as Stripe does; the caller registers the routes. */
export const newServer = (account: Account, logger: FastifyServerOptions['logger']): FastifyInstance => {
  const app = fastify({
    logger: logger ?? false,
    genReqId: () => newId('request'),
    routerOptions: { querystringParser: parseForm, maxParamLength: 500 },
    forceCloseConnections: true,
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, parseForm(String(body))),
  )
  // JSON is indented as in Stripe's responses, because people read it with curl and the CLI.
  app.setReplySerializer((body) => JSON.stringify(body, null, 2))
  app.addHook('onRequest', async (request, reply) => {
    // The Date header, like every `created` time, is the time on the emulator's clock, which may have been advanced.
    reply.headers({
      'request-id': request.id,
      date: new Date(account.nowMs()).toUTCString(),
      'stripe-version': versionOf(request),
    })
  })
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof StripeError) return reply.status(error.status).send(errorBody(error, request))
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
    if (status >= 500) request.log.error(error)
    const message = error instanceof Error ? error.message : String(error)
    const body = { type: status >= 500 ? 'api_error' : 'invalid_request_error', message } as const
    return reply.status(status).send(errorBody(new StripeError(status, body), request))
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const message = isStripeEndpoint(request.method, path)
      ? `${request.method} ${path} is not supported by the emulator.`
      : `Unrecognized request URL (${request.method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`
    return reply.status(404).send(errorBody(new StripeError(404, { type: 'invalid_request_error', message }), request))
  })
  return app
}
