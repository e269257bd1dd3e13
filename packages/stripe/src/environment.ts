import { z } from 'zod'

/** Options of every process that calls Stripe. */
export const stripeEnvironment = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\S+$/, 'Expected sk_test_…, sk_live_… or a restricted key')
    .describe("Stripe's secret key"),
  STRIPE_API_BASE: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Base URL of a server with Stripe's API, such as the emulator; default: Stripe"),
  SITE_ID: z
    .string()
    .regex(/^[\w.-]{1,50}$/, 'Expected 1 to 50 letters, digits, dots, hyphens or underscores')
    .optional()
    .describe(
      'Name of this site, if several share one Stripe account: the same for the server, the worker and npm run, and never changed',
    ),
}
