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
}
