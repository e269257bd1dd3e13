import { isIP } from 'node:net'
import { authEnvironment, checkAuth } from '@pay-to-view/api/auth/environment'
import { checkPlaybackKeys, playbackEnvironment } from '@pay-to-view/api/playback/environment'
import { databaseEnvironment, poolEnvironment } from '@pay-to-view/db/environment'
import { list, originList } from '@pay-to-view/environment'
import { checkoutEnvironment, stripeEnvironment } from '@pay-to-view/stripe/environment'
import { telemetryEnvironment } from '@pay-to-view/telemetry/environment'
import { webhooksEnvironment } from '@pay-to-view/webhooks/environment'
import { certificateHasKey, certificateWithoutKey, temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

const nonNegativeInt = z.coerce.number().int().min(0)
const positiveInt = z.coerce.number().int().min(1)

/** Returns whether the text is an IP address, a CIDR block, or the name of an address block in @fastify/proxy-addr. */
const isAddressBlock = (text: string): boolean => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', prefix] = text.split('/')
  const maxPrefix = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return prefix === undefined ? maxPrefix > 0 : /^\d{1,3}$/.test(prefix) && Number(prefix) <= maxPrefix
}

export const webhookConcurrency = (env: { WEBHOOKS_AT_ONCE?: number | undefined; DATABASE_POOL: number }): number =>
  env.WEBHOOKS_AT_ONCE ?? Math.max(1, env.DATABASE_POOL - 2)

/** The environment variables of the server. */
export const environment = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
    PORT: z.coerce.number().int().min(0).max(65535).default(3000).describe('Port to listen on; 0 selects a free port'),
    ...databaseEnvironment,
    ...poolEnvironment,
    ...temporalEnvironment,
    ...stripeEnvironment,
    STRIPE_WEBHOOK_SECRET: list
      .pipe(
        z
          .array(z.string().regex(/^whsec_\S+$/, "Expected the endpoint's signing secret, whsec_…"))
          .min(1, 'Expected at least one'),
      )
      .describe('Signing secret of the webhook endpoint, whsec_…; comma-separated during a rotation'),
    ...checkoutEnvironment,
    CONSENT: z
      .enum(['off', 'eu'], 'Expected eu or off')
      .default('off')
      .describe(
        'eu: before a payment, buyers acknowledge that access starts immediately and that they lose their right of withdrawal, and they can withdraw from a purchase (docs/law.md)',
      ),
    TEMPORAL_UI_URL: z.url().optional().describe('URL of the Temporal UI, for links in the back office'),
    STRIPE_DASHBOARD_URL: z.url().optional().describe("URL of Stripe's dashboard, for links; default: Stripe's own dashboard"),
    ...authEnvironment,
    ...playbackEnvironment,
    WEB_ORIGINS: originList('https://www.example.com')
      .default([])
      .describe('Origins whose pages may call the API, comma-separated; http://localhost:* allows any port'),
    RETURN_URL_ORIGINS: originList('https://www.example.com')
      .default([])
      .describe('Origins allowed for returnUrl, comma-separated; http://localhost:* allows any port'),
    TRUST_PROXY: list
      .pipe(z.array(z.string().refine(isAddressBlock, 'Expected IP addresses or CIDR blocks, such as 10.0.0.0/8')))
      .default([])
      .describe('Addresses or CIDR blocks of reverse proxies whose X-Forwarded-For is trusted, comma-separated'),
    RATE_LIMIT_USER: nonNegativeInt
      .default(300)
      .describe('Maximum number of calls per user in 10 seconds, per process; 0: no limit'),
    RATE_LIMIT_CREATES: nonNegativeInt
      .default(30)
      .describe('Maximum number of purchases that a user may create or withdraw from in 10 seconds, per process; 0: no limit'),
    RATE_LIMIT_CODES: nonNegativeInt
      .default(10)
      .describe(
        'Maximum number of rejected promotion codes per user in 10 minutes, per process; above the limit, one attempt per minute is allowed; 0: no limit',
      ),
    RATE_LIMIT_KEY: nonNegativeInt
      .default(1_000)
      .describe('Maximum number of calls per API key in 10 seconds, per process, unless the key has its own limit; 0: no limit'),
    RATE_LIMIT_ADDRESS: nonNegativeInt
      .default(1_000)
      .describe('Maximum number of requests per IP address in 10 seconds, per process; 0: no limit'),
    CALLS_AT_ONCE: positiveInt.default(50).describe('Maximum number of concurrent calls that use only Postgres'),
    CALLS_AT_ONCE_ADDRESS: positiveInt
      .default(4)
      .describe(
        'Maximum number of concurrent calls without a token per IP address; up to 100 more are queued, and all other calls get 429',
      ),
    CREATES_AT_ONCE: positiveInt
      .default(50)
      .describe(
        'Maximum number of concurrent calls that create a purchase. They wait for Stripe, so they do not count toward CALLS_AT_ONCE',
      ),
    CREATES_AT_ONCE_USER: positiveInt
      .default(4)
      .describe(
        'Maximum number of concurrent calls per user that create a purchase; up to 26 more are queued, and all other calls get 429',
      ),
    CALLS_WAITING: nonNegativeInt
      .default(500)
      .describe('Maximum number of calls that wait in each queue; when a queue is full, additional calls get 503'),
    CONNECTIONS: positiveInt
      .default(10_000)
      .describe('Maximum number of open connections; additional connections are closed immediately'),
    STREAMS: positiveInt
      .default(5_000)
      .describe(
        'Maximum number of open event streams, each on its own connection; additional streams are rejected with overloaded',
      ),
    STREAMS_USER: positiveInt
      .default(20)
      .describe('Maximum number of open event streams per user; additional streams are rejected with too_many_connections'),
    WEBHOOKS_AT_ONCE: positiveInt
      .optional()
      .describe(
        'Maximum number of concurrent webhooks. Must be less than DATABASE_POOL (1 is always allowed), so that a flood leaves connections for users; default: DATABASE_POOL - 2, at least 1',
      ),
    WEBHOOKS_WAITING: nonNegativeInt
      .default(200)
      .describe(
        'Maximum number of webhooks that wait in the queue; when it is full, webhooks get 503, and Stripe sends them again',
      ),
    DRAIN_SECONDS: z.coerce
      .number()
      .min(0)
      .max(300)
      .default(5)
      .describe(
        'Seconds after SIGTERM during which /readyz returns 503 and calls are still handled, which gives load balancers time to remove the server',
      ),
    ...webhooksEnvironment,
    ...telemetryEnvironment,
  })
  .superRefine(checkAuth)
  .superRefine(checkPlaybackKeys)
  .refine((env) => webhookConcurrency(env) < Math.max(env.DATABASE_POOL, 2), {
    path: ['WEBHOOKS_AT_ONCE'],
    message: 'Expected a number less than DATABASE_POOL, so that a flood of webhooks leaves database connections for users',
  })
  .refine(certificateHasKey, certificateWithoutKey)

export type Environment = z.infer<typeof environment>
