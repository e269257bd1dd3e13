import { z } from 'zod'

/** Every option of the worker. */
export const environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe('postgresql://… of the database'),
  DATABASE_POOL: z.coerce.number().int().min(1).max(200).default(10).describe('Connections to the database'),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233').describe('host:port of Temporal'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Namespace at Temporal'),
  TEMPORAL_API_KEY: z.string().optional().describe('API key of Temporal Cloud'),
  TEMPORAL_TLS: z.stringbool().default(false).describe('Whether Temporal is reached by TLS'),
  TASK_QUEUE: z.string().default('pay-to-view').describe('Task queue to poll'),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_/, 'Expected sk_test_…, sk_live_… or a restricted key')
    .describe("Stripe's secret key"),
  STRIPE_API_BASE: z.url().optional().describe("A server that speaks Stripe's API, instead of Stripe"),
  RECONCILE_EVERY: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe("Seconds between two comparisons of Stripe's events with the ledger"),
  RECONCILE_GRACE: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(30)
    .describe('Seconds in which a webhook is not late: younger events are left to it'),
  WORKFLOW_BUNDLES: z
    .string()
    .default('node_modules/.cache/pay-to-view')
    .describe('Folder in which the bundled workflows are kept between starts'),
  HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(3002).describe('Port of /healthz, /readyz and /metrics'),
})
