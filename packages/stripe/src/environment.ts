import { z } from 'zod'
import type { CheckoutOptions } from './checkout-request.ts'

const onOff = z.enum(['on', 'off'], 'Expected on or off').default('off')

/** Options for the checkouts that a server creates. */
export const checkoutEnvironment = {
  REDIRECT_ON_COMPLETION: z
    .enum(['never', 'if_required', 'always'])
    .default('never')
    .describe("When the checkout redirects to the return URL (Stripe's redirect_on_completion)"),
  AUTOMATIC_TAX: onOff.describe('on: Stripe calculates tax. The account needs a head office address and tax registrations'),
  COLLECT_TAX_IDS: onOff.describe('on: business customers can enter their VAT or tax id in the checkout'),
  INVOICES: onOff.describe('on: Stripe creates an invoice for each purchase'),
}

/** Converts the variables of `checkoutEnvironment` to options. */
export const checkoutOptions = (
  env: z.infer<z.ZodObject<typeof checkoutEnvironment>> & { SITE_ID?: string | undefined },
): CheckoutOptions => ({
  redirect: env.REDIRECT_ON_COMPLETION,
  automaticTax: env.AUTOMATIC_TAX === 'on',
  collectTaxIds: env.COLLECT_TAX_IDS === 'on',
  createInvoices: env.INVOICES === 'on',
  site: env.SITE_ID,
})

/** Options for every process that calls Stripe. */
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
      'Name of this site, if several sites share one Stripe account. Use the same name for the server, the worker and the operator commands, and never change it',
    ),
}
