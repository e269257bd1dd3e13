import type { Variables } from '@pay-to-view/environment'
import { hasIdentityProvider, type StripeConnection, type TemporalConnection } from './external-services.ts'
import { issuer } from './issuer.ts'

/**
 * Returns the variables that the server and the worker share. A variable that does not apply is undefined, so that it is not inherited from
 * this process.
 */
export const commonEnvironment = ({
  databaseUrl,
  temporal,
  stripe,
  webhooks = {},
}: {
  databaseUrl: string
  temporal: TemporalConnection
  stripe: StripeConnection
  webhooks?: Variables
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
  ...webhooks,
})

/** Returns the variables for outgoing webhooks. By default, endpoints may be on this machine. */
export const webhooksEnvironment = (
  { WEBHOOKS_ENCRYPTION_KEYS, WEBHOOKS_ALLOW_PRIVATE }: Variables,
  localKey: string,
): Variables => ({
  WEBHOOKS_ENCRYPTION_KEYS: WEBHOOKS_ENCRYPTION_KEYS || localKey,
  WEBHOOKS_ALLOW_PRIVATE: WEBHOOKS_ALLOW_PRIVATE || 'on',
})

/**
 * Returns the worker's variables for a local Temporal server. A limit on concurrent workflow tasks leaves CPU time for the server. This
 * limit is too low for an external Temporal server, whose task queue has several partitions, each of which needs a poller.
 */
export const workerEnvironment = ({ WORKFLOW_TASKS_AT_ONCE }: Variables) => ({
  WORKFLOW_TASKS_AT_ONCE: WORKFLOW_TASKS_AT_ONCE || '4',
})

/**
 * Returns the variables for e-mail. Without SMTP_URL in the environment, e-mail is sent to the local mail server. Without a local mail
 * server, no e-mail is sent.
 */
export const emailEnvironment = (environment: Variables, local: { smtpUrl: string; web: string | null } | null): Variables => {
  if (environment.SMTP_URL) return {}
  if (local === null) return { SMTP_URL: undefined }
  return {
    SMTP_URL: local.smtpUrl,
    EMAIL_FROM: environment.EMAIL_FROM || 'Demo Cinema <tickets@cinema.example>',
    EMAIL_SITE_NAME: environment.EMAIL_SITE_NAME || 'Demo Cinema',
    EMAIL_SITE_URL: environment.EMAIL_SITE_URL || (local.web ? `${local.web}/watch/{entityId}` : undefined),
    EMAIL_ADDRESS: environment.EMAIL_ADDRESS || 'Demo Cinema, Main Street 1, 10115 Berlin',
    EMAIL_TERMS_URL: environment.EMAIL_TERMS_URL || 'https://cinema.example/terms',
  }
}

/** Returns the AUTH_ variables. They are never mixed: either all of them are from the environment, or all are for the local issuer. */
const authEnvironment = (environment: Variables, keys: object): Variables => {
  const inherited = Object.keys({ ...process.env, ...environment }).filter((name) => name.startsWith('AUTH_'))
  if (hasIdentityProvider(environment)) return Object.fromEntries(inherited.map((name) => [name, environment[name]]))
  return {
    ...Object.fromEntries(inherited.map((name) => [name, undefined])),
    AUTH_ISSUER: issuer.name,
    AUTH_AUDIENCE: issuer.audience,
    AUTH_JWKS: JSON.stringify(keys),
  }
}

const definedOnly = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined))

/** Returns the checkout and playback options that an operator may set. */
const operatorEnvironment = ({ REDIRECT_ON_COMPLETION, AUTOMATIC_TAX, COLLECT_TAX_IDS, INVOICES, ...environment }: Variables) =>
  definedOnly({
    ...{ REDIRECT_ON_COMPLETION, AUTOMATIC_TAX, COLLECT_TAX_IDS, INVOICES },
    ...{ PLAYBACK_SECONDS: environment.PLAYBACK_SECONDS, MAX_STREAMS: environment.MAX_STREAMS },
  })

/** Returns the variables of the server. */
export const serverEnvironment = (
  environment: Variables,
  {
    stripe,
    temporalUi,
    keys,
    playback,
  }: { stripe: StripeConnection; temporalUi?: string | undefined; keys: object; playback: object },
) => ({
  STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
  // The emulator serves its pages at the same paths as Stripe's dashboard.
  STRIPE_DASHBOARD_URL: stripe.api,
  TEMPORAL_UI_URL: temporalUi,
  // There is no limit per IP address, because every call comes from this machine.
  RATE_LIMIT_ADDRESS: '0',
  // No delay is needed, because no load balancer has to detect that the server is stopping.
  DRAIN_SECONDS: '0',
  RATE_LIMIT_USER: environment.RATE_LIMIT_USER || '0',
  AUTOMATIC_TAX: environment.AUTOMATIC_TAX,
  COLLECT_TAX_IDS: environment.COLLECT_TAX_IDS,
  INVOICES: environment.INVOICES,
  CONSENT: environment.CONSENT,
  ...authEnvironment(environment, keys),
  ...operatorEnvironment(environment),
  PLAYBACK_KEYS: JSON.stringify(playback),
  // Allows pages on this machine, such as a site in development. These pages need a token like any other page.
  WEB_ORIGINS: ['http://localhost:*', 'http://127.0.0.1:*', ...(environment.WEB_ORIGINS ? [environment.WEB_ORIGINS] : [])].join(
    ',',
  ),
  RETURN_URL_ORIGINS:
    environment.RETURN_URL_ORIGINS || 'http://localhost:*,http://127.0.0.1:*,https://yoursite.com,https://example.com',
})
