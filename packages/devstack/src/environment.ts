import type { Given, Stripe, Temporal } from './given.ts'
import { issuer } from './issuer.ts'

/** What the server and the worker read. A name that does not apply is undefined: so it is not inherited from us either. */
export const environmentOf = ({
  databaseUrl,
  temporal,
  stripe,
}: {
  databaseUrl: string
  temporal: Temporal
  stripe: Stripe
}) => ({
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: temporal.namespace,
  TEMPORAL_API_KEY: temporal.apiKey,
  TEMPORAL_TLS: String(temporal.tls ?? false),
  TEMPORAL_TLS_CERT: undefined,
  TEMPORAL_TLS_KEY: undefined,
  TEMPORAL_TLS_CA: undefined,
  TEMPORAL_TLS_SERVER_NAME: undefined,
  STRIPE_SECRET_KEY: stripe.secretKey,
  STRIPE_API_BASE: stripe.api,
})

/**
 * What the worker alone reads, next to a Temporal server of ours. It has its cores together with everything else: what waits for it must
 * not keep the server from answering. A queue of several partitions needs more tasks at once, so that each is polled.
 */
export const workerEnvironment = (given: Given) => ({ WORKFLOW_TASKS_AT_ONCE: given.WORKFLOW_TASKS_AT_ONCE || '4' })

/** What the server alone reads. */
export const serverEnvironment = (
  given: Given,
  {
    stripe,
    temporalUi,
    keys,
    playback,
    web,
  }: { stripe: Stripe; temporalUi?: string | undefined; keys: object; playback: object; web: number | null },
) => ({
  STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
  // The local Stripe shows its objects where Stripe's dashboard does.
  STRIPE_DASHBOARD_URL: stripe.api,
  TEMPORAL_UI_URL: temporalUi,
  // Everybody calls from this machine.
  RATE_LIMIT_ADDRESS: '0',
  // Nobody shares the requests out: there is nobody to wait for.
  DRAIN_SECONDS: '0',
  RATE_LIMIT_USER: given.RATE_LIMIT_USER || '0',
  AUTH_ISSUER: issuer.name,
  AUTH_AUDIENCE: issuer.audience,
  AUTH_JWKS: JSON.stringify(keys),
  AUTH_JWKS_URL: undefined,
  PLAYBACK_KEYS: JSON.stringify(playback),
  WEB_ORIGINS: [
    ...(web ? [`http://localhost:${web}`, `http://127.0.0.1:${web}`] : []),
    ...(given.WEB_ORIGINS ? [given.WEB_ORIGINS] : []),
  ].join(','),
  RETURN_URL_ORIGINS:
    given.RETURN_URL_ORIGINS || 'http://localhost:*,http://127.0.0.1:*,https://yoursite.com,https://example.com',
})
