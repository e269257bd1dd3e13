import { databaseEnvironment } from '@pay-to-view/db/environment'
import { z } from 'zod'

/** The environment of whoever starts the stack: names in it say which parts are given, not started. An empty one counts as not set. */
export type Given = Readonly<Record<string, string | undefined>>

export type Stripe = {
  secretKey: string
  webhookSecret: string
  publishableKey: string
  /** Undefined: Stripe's own. */
  api: string | undefined
  /** The script that a page loads instead of Stripe's own. */
  js: string | undefined
}

export type Temporal = { address: string; namespace: string; apiKey?: string | undefined; tls?: boolean; ui?: string | undefined }

/** A given part is given wrongly: nothing is started. */
export class BadEnvironment extends Error {}

export const givenDatabase = ({ DATABASE_URL }: Given): string | null => {
  if (!DATABASE_URL) return null
  const { DATABASE_URL: url } = databaseEnvironment
  if (!url.safeParse(DATABASE_URL).success) throw new BadEnvironment(`DATABASE_URL: expected ${url.description}`)
  return DATABASE_URL
}

const stripeKeys = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_PUBLISHABLE_KEY'] as const

/** All three keys or none. */
export const givenStripe = (given: Given): Stripe | null => {
  const missing = stripeKeys.filter((name) => !given[name])
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_PUBLISHABLE_KEY, STRIPE_API_BASE, STRIPE_JS_URL } = given
  if (STRIPE_SECRET_KEY && STRIPE_WEBHOOK_SECRET && STRIPE_PUBLISHABLE_KEY) {
    const api = STRIPE_API_BASE?.replace(/\/+$/, '') || undefined
    return {
      secretKey: STRIPE_SECRET_KEY,
      webhookSecret: STRIPE_WEBHOOK_SECRET,
      publishableKey: STRIPE_PUBLISHABLE_KEY,
      api,
      js: STRIPE_JS_URL || (api && new URL(api).hostname !== 'api.stripe.com' ? `${api}/js/stripe.js` : undefined),
    }
  }
  const some = [...stripeKeys, 'STRIPE_API_BASE'].filter((name) => given[name])
  if (some.length === 0) return null
  throw new BadEnvironment(
    `${some.join(' and ')} ${some.length > 1 ? 'are' : 'is'} set: ${missing.join(' and ')} must be set as well. Without any of them the Stripe emulator is started.`,
  )
}

export const givenTemporal = (given: Given): Temporal | null => {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS } = given
  if (!address) return null
  const tls = z.stringbool().safeParse(TEMPORAL_TLS || 'false')
  if (!tls.success) throw new BadEnvironment(`TEMPORAL_TLS is ${TEMPORAL_TLS}: expected true or false`)
  return {
    address,
    namespace: TEMPORAL_NAMESPACE || 'default',
    apiKey: TEMPORAL_API_KEY || undefined,
    tls: Boolean(TEMPORAL_API_KEY) || tls.data,
  }
}
