import { createAuthenticator } from '@pay-to-view/api/auth'
import Fastify from 'fastify'
import pg from 'pg'
import Stripe from 'stripe'
import { z } from 'zod'
import { type CreateInput, createCheckout, type StartWorkflow } from './create-checkout.ts'
import { readAccess, readHistory } from './reads.ts'
import type { PaymentValues } from './sql.ts'

const env = z
  .object({
    PORT: z.coerce.number(),
    DATABASE_URL: z.string(),
    DATABASE_POOL: z.coerce.number().default(10),
    STRIPE_SECRET_KEY: z.string(),
    STRIPE_WEBHOOK_SECRET: z.string(),
    STRIPE_API_BASE: z.url(),
    AUTH_ISSUER: z.string(),
    AUTH_AUDIENCE: z.string(),
    AUTH_JWKS: z.string(),
    LOG_LEVEL: z.string().default('info'),
  })
  .parse(process.env)

/** The steps that differ between the plain and the durable baseline. */
interface BaselineSteps {
  startWorkflow: StartWorkflow
  /** Called with a paid checkout's event, before the webhook response is sent. */
  recordPayment(values: PaymentValues): Promise<unknown>
}

/**
 * The pool uses only generic plans. Otherwise, Postgres would plan the history query on every call, which takes longer than executing the
 * query.
 */
export const db = new pg.Pool({
  connectionString: env.DATABASE_URL,
  max: env.DATABASE_POOL,
  options: '-c plan_cache_mode=force_generic_plan',
})

/**
 * Serves the integration guide's paths with Fastify, pg and stripe-node. Uses the same tables and makes the same Stripe calls as
 * pay-to-view. Stops on SIGTERM.
 */
export const serve = async ({ startWorkflow, recordPayment }: BaselineSteps): Promise<void> => {
  const { hostname, port } = new URL(env.STRIPE_API_BASE)
  const stripe = new Stripe(env.STRIPE_SECRET_KEY, { host: hostname, port, protocol: 'http', telemetry: false })
  const checkout = createCheckout(db, stripe, startWorkflow)
  const authenticate = createAuthenticator({
    issuer: env.AUTH_ISSUER,
    audience: env.AUTH_AUDIENCE,
    keys: JSON.parse(env.AUTH_JWKS),
  })
  const app = Fastify({ logger: { level: env.LOG_LEVEL } })

  // Uses pay-to-view's authenticator, including the token cache, so that authentication has the same cost in every target.
  const userOf = async (authorization: string | undefined): Promise<string> => {
    const user = await authenticate(authorization)
    if (!user) throw new Error('A token is required')
    return user.id
  }

  const text = { type: 'string' }
  const createInput = {
    type: 'object',
    required: ['payToViewProductId', 'entityId', 'returnUrl'],
    properties: { payToViewProductId: text, entityId: text, returnUrl: text },
  }
  const pagination = {
    type: 'object',
    properties: { page: { type: 'integer', default: 1 }, pageSize: { type: 'integer', default: 10 } },
  }

  app.post<{ Body: CreateInput }>(
    '/client/v1/pay-to-view/purchases',
    { schema: { body: createInput } },
    async (request, reply) => {
      const created = await checkout(await userOf(request.headers.authorization), request.body)
      return created ?? reply.code(404).send({ title: 'Not for sale' })
    },
  )

  app.get<{ Querystring: { page: number; pageSize: number } }>(
    '/client/v1/pay-to-view/purchases',
    { schema: { querystring: pagination } },
    async ({ headers, query }) => readHistory(db, await userOf(headers.authorization), query.page, query.pageSize),
  )

  app.get<{ Querystring: { entityId: string } }>('/client/v1/pay-to-view/access', async ({ headers, query }) =>
    readAccess(db, await userOf(headers.authorization), query.entityId),
  )

  app.get('/readyz', async () => (await db.query('select 1')).rows)

  await app.register(async (webhook) => {
    webhook.removeAllContentTypeParsers()
    webhook.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)
    webhook.post<{ Body: Buffer }>('/client/v1/webhooks/stripe', async ({ body, headers }) => {
      const event = stripe.webhooks.constructEvent(body, headers['stripe-signature'] ?? '', env.STRIPE_WEBHOOK_SECRET)
      if (event.type !== 'checkout.session.completed' || event.data.object.payment_status !== 'paid') return { received: true }
      const { id, metadata, payment_intent: payment, amount_total: amount, currency } = event.data.object
      const createdAt = new Date(event.created * 1000)
      const purchaseId = metadata?.payToViewPurchaseId
      await recordPayment([event.id, event.type, createdAt, id, purchaseId, { payment }, payment, amount, currency])
      return { received: true }
    })
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await app.close()
      await db.end()
    })
  }
  await app.listen({ host: '127.0.0.1', port: env.PORT })
}
