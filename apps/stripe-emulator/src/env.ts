import { z } from 'zod'

/** All environment variables of this process. `--help` prints the descriptions. An empty variable counts as unset. */
export const Env = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(12_111).describe('Port to listen on; 0 selects a free port'),
    HOST: z.string().default('127.0.0.1').describe('Address to listen on; test helpers need no key, so use a private address'),
    SECRET_KEY: z
      .string()
      .regex(/^(sk|rk)_test_\w+$/, 'must look like sk_test_…')
      .optional()
      .describe('The only API key to accept; by default any sk_test_… key is accepted'),
    DATA_FILE: z
      .string()
      .optional()
      .describe('File that keeps the state across restarts; by default the state is in memory only'),
    WEBHOOK_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .optional()
      .describe('URL that receives every event'),
    WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_\w+$/, 'must look like whsec_…')
      .optional()
      .describe('Signing secret of the webhooks sent to WEBHOOK_URL'),
    SETTLE_AFTER: z.coerce
      .number()
      .min(0)
      .optional()
      .describe('Seconds until a bank debit settles; by default, only a test helper or the dashboard settles it'),
    REFUND_DELAY: z.coerce
      .number()
      .min(0)
      .default(1)
      .describe('Seconds until the refund of a bank debit or of an asynchronous-refund test card changes its status'),
    MANAGED_PAYMENTS: z
      .enum(['true', 'false'])
      .default('false')
      .describe('true: Managed Payments are on by default, as on some new Stripe accounts'),
    CHECKOUT_DELAY_MS: z.coerce
      .number()
      .int()
      .min(0)
      .default(1500)
      .describe('Milliseconds until createEmbeddedCheckoutPage resolves in Stripe.js'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('warn')
      .describe('Level of the JSON logs on stdout'),
  })
  .refine(({ WEBHOOK_URL, WEBHOOK_SECRET }) => !WEBHOOK_URL === !WEBHOOK_SECRET, {
    path: ['WEBHOOK_SECRET'],
    error: 'WEBHOOK_URL and WEBHOOK_SECRET must be set together',
  })
