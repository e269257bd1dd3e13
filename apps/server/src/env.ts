import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { PlaybackKey } from '@pay-to-view/api'
import { databaseEnvironment, poolEnvironment } from '@pay-to-view/db/environment'
import { stripeEnvironment } from '@pay-to-view/stripe/environment'
import { telemetryEnvironment } from '@pay-to-view/telemetry/environment'
import { certificateHasKey, certificateWithoutKey, temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)
const count = z.coerce.number().int().min(0)
const bound = z.coerce.number().int().min(1)

/** As a browser names it: without the slash at the end. Null for what is more than an origin. */
const originOf = (text: string): string | null => {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return null
  const { origin, href } = new URL(text)
  return href === `${origin}/` ? origin : null
}

/** With `anyPort` also such as end in :*. */
const originsOf = (example: string, anyPort = false) =>
  list.pipe(
    z.array(
      z.string().transform((text, context) => {
        const [any] = (anyPort && /:\*$/.exec(text)) || ['']
        const origin = originOf(text.slice(0, text.length - any.length))
        if (origin !== null) return origin + any
        context.addIssue(`Expected origins without a path, such as ${example}`)
        return z.NEVER
      }),
    ),
  )

/** An address, a block of them, or the name of a block (@fastify/proxy-addr). */
const isAddressBlock = (text: string): boolean => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', prefix] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return prefix === undefined ? most > 0 : /^\d{1,3}$/.test(prefix) && Number(prefix) <= most
}

/** Whether Node can sign with it: its point is on the curve. */
const isPrivateKey = (key: PlaybackKey): boolean => {
  try {
    createPrivateKey({ key, format: 'jwk' })
    return true
  } catch {
    return false
  }
}

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('Expected JSON')
    return z.NEVER
  }
})
const jwks = json.pipe(
  z.object({
    keys: z
      .array(z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP'], 'Expected public keys: kty is EC, RSA or OKP') }))
      .min(1, 'Expected at least one key'),
  }),
)
const playbackKeys = json.pipe(
  z.object({
    keys: z
      .array(PlaybackKey.refine(isPrivateKey, 'Expected a private key whose point is on P-256'))
      .min(1, 'Expected at least one private key')
      .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'Expected each kid once'),
  }),
)

/** Webhooks that are done at one time. */
export const webhooksAtOnce = (env: { WEBHOOKS_AT_ONCE?: number | undefined; DATABASE_POOL: number }): number =>
  env.WEBHOOKS_AT_ONCE ?? Math.max(1, env.DATABASE_POOL - 2)

/** Every option of the server. */
export const environment = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
    PORT: z.coerce.number().int().min(0).max(65535).default(3000).describe('Port to listen on; 0 takes a free one'),
    ...databaseEnvironment,
    ...poolEnvironment,
    ...temporalEnvironment,
    ...stripeEnvironment,
    STRIPE_WEBHOOK_SECRET: list
      .pipe(z.array(z.string().regex(/^whsec_\S+$/, "Expected the endpoint's secret, whsec_…")).min(1, 'Expected at least one'))
      .describe('whsec_…; several with commas while one replaces another'),
    REDIRECT_ON_COMPLETION: z
      .enum(['never', 'if_required', 'always'])
      .default('never')
      .describe('When the checkout leaves for the return URL'),
    TEMPORAL_UI_URL: z.url().optional().describe('Address of the Temporal UI, for links in the back office'),
    STRIPE_DASHBOARD_URL: z.url().optional().describe("Address of Stripe's dashboard, for links; Stripe's own when not given"),
    AUTH_ISSUER: z.string().min(1).describe('iss of the tokens'),
    AUTH_AUDIENCE: z.string().min(1).describe('aud of the tokens'),
    AUTH_JWKS_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Where the issuer's keys are"),
    AUTH_JWKS: jwks.optional().describe("The issuer's keys themselves, as a JSON Web Key Set"),
    PLAYBACK_KEYS: playbackKeys
      .optional()
      .describe('Private keys (ES256) of playback tokens, as a JSON Web Key Set: the first signs, all are published'),
    PLAYBACK_ISSUER: z.string().min(1).default('pay-to-view').describe('iss of the playback tokens'),
    PLAYBACK_SECONDS: z.coerce.number().int().min(10).max(86_400).default(300).describe('How long a playback token is good for'),
    WEB_ORIGINS: originsOf('https://www.example.com').default([]).describe('Origins whose pages may call, with commas'),
    RETURN_URL_ORIGINS: originsOf('https://www.example.com', true)
      .default([])
      .describe('Origins that a returnUrl may be on, with commas; http://localhost:* allows any port'),
    TRUST_PROXY: list
      .pipe(z.array(z.string().refine(isAddressBlock, 'Expected addresses or blocks, such as 10.0.0.0/8')))
      .default([])
      .describe('Addresses of proxies in front, with commas (10.0.0.0/8): their X-Forwarded-For says who calls'),
    RATE_LIMIT_USER: count.default(300).describe('Calls that a user may make in 10 seconds, to one process; 0: no limit'),
    RATE_LIMIT_ADDRESS: count.default(1_000).describe('Requests of one address in 10 seconds, to one process; 0: no limit'),
    CALLS_AT_ONCE: bound.default(50).describe('Calls that are done at one time'),
    CALLS_WAITING: count.default(500).describe('Calls that wait for their turn; one more gets 503'),
    CONNECTIONS: bound.default(10_000).describe('Connections that are open at one time; one more is closed as it is made'),
    STREAMS: bound
      .default(5_000)
      .describe('Event streams that are open at one time, each on a connection of its own; one more is refused (overloaded)'),
    STREAMS_USER: bound
      .default(20)
      .describe('Event streams that one user has open at one time; one more is refused (too_many_streams)'),
    WEBHOOKS_AT_ONCE: bound
      .optional()
      .describe(
        'Webhooks that are done at one time: fewer than DATABASE_POOL (or 1), so that a flood leaves connections to viewers; two fewer, or 1, when not given',
      ),
    WEBHOOKS_WAITING: count
      .default(200)
      .describe('Webhooks that wait for their turn; one more gets 503, and Stripe sends it again'),
    DRAIN_SECONDS: z.coerce
      .number()
      .min(0)
      .max(300)
      .default(5)
      .describe(
        'After SIGTERM: how long /readyz says 503 while calls are still answered, so that a load balancer looks elsewhere',
      ),
    ...telemetryEnvironment,
  })
  .refine((env) => (env.AUTH_JWKS_URL === undefined) !== (env.AUTH_JWKS === undefined), {
    path: ['AUTH_JWKS_URL'],
    message: 'Expected either AUTH_JWKS_URL or AUTH_JWKS',
  })
  .refine((env) => webhooksAtOnce(env) < Math.max(env.DATABASE_POOL, 2), {
    path: ['WEBHOOKS_AT_ONCE'],
    message: 'Expected fewer than DATABASE_POOL: a flood of webhooks would leave no connection to viewers',
  })
  .refine(certificateHasKey, certificateWithoutKey)

export type Environment = z.infer<typeof environment>
