import { databaseEnvironment } from '@pay-to-view/db/environment'
import { InvalidEnvironmentError, parseEnvironment, setVariables, type Variables } from '@pay-to-view/environment'
import { stripeEnvironment } from '@pay-to-view/stripe/environment'
import { temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

// If the environment configures an external service, the stack uses this service instead of starting a local one.

export type StripeConnection = {
  secretKey: string
  webhookSecret: string
  publishableKey: string
  /** The API's base URL; undefined for Stripe itself. */
  api: string | undefined
  /** The URL of a script that pages load instead of Stripe.js. */
  js: string | undefined
}

export type TemporalConnection = {
  address: string
  namespace: string
  apiKey?: string | undefined
  tls?: boolean
  ui?: string | undefined
}

export const externalDatabase = (environment: Variables): string | null => {
  const { DATABASE_URL } = databaseEnvironment
  return parseEnvironment(z.object({ DATABASE_URL: DATABASE_URL.optional() }), environment).DATABASE_URL ?? null
}

/** Returns whether the server accepts tokens from the identity provider in the AUTH_ variables, instead of tokens from the local issuer. */
export const hasIdentityProvider = (environment: Variables): boolean => {
  const variables = setVariables(environment)
  return 'AUTH_ISSUER' in variables || 'AUTH_PRESET' in variables
}

const stripeKeys = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_PUBLISHABLE_KEY'] as const

const ExternalStripe = z.object({
  ...stripeEnvironment,
  STRIPE_WEBHOOK_SECRET: z.string(),
  STRIPE_PUBLISHABLE_KEY: z.string(),
  STRIPE_JS_URL: z.url().optional(),
})

/** Returns the connection to Stripe; null if no Stripe variable is set. Throws if only some of the three keys are set. */
export const externalStripe = (environment: Variables): StripeConnection | null => {
  const variables = setVariables(environment)
  const present = [...stripeKeys, 'STRIPE_API_BASE'].filter((name) => name in variables)
  if (present.length === 0) return null
  const missing = stripeKeys.filter((name) => !(name in variables))
  if (missing.length > 0)
    throw new InvalidEnvironmentError(
      `${present.join(' and ')} ${present.length > 1 ? 'are' : 'is'} set: ${missing.join(' and ')} must also be set. If none of them is set, the Stripe emulator is started.`,
    )
  const parsed = parseEnvironment(ExternalStripe, variables)
  const api = parsed.STRIPE_API_BASE?.replace(/\/+$/, '')
  return {
    secretKey: parsed.STRIPE_SECRET_KEY,
    webhookSecret: parsed.STRIPE_WEBHOOK_SECRET,
    publishableKey: parsed.STRIPE_PUBLISHABLE_KEY,
    api,
    js: parsed.STRIPE_JS_URL ?? (api && new URL(api).hostname !== 'api.stripe.com' ? `${api}/js/stripe.js` : undefined),
  }
}

const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS } = temporalEnvironment
const ExternalTemporal = z.object({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS })

export const externalTemporal = (environment: Variables): TemporalConnection | null => {
  if (!setVariables(environment).TEMPORAL_ADDRESS) return null
  const parsed = parseEnvironment(ExternalTemporal, environment)
  return {
    address: parsed.TEMPORAL_ADDRESS,
    namespace: parsed.TEMPORAL_NAMESPACE,
    apiKey: parsed.TEMPORAL_API_KEY,
    tls: parsed.TEMPORAL_API_KEY !== undefined || parsed.TEMPORAL_TLS,
  }
}
