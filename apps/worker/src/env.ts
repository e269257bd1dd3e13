import { existsSync } from 'node:fs'
import { databaseEnvironment, poolEnvironment } from '@pay-to-view/db/environment'
import { stripeEnvironment } from '@pay-to-view/stripe/environment'
import { telemetryEnvironment } from '@pay-to-view/telemetry/environment'
import { certificateHasKey, certificateWithoutKey, temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

/** Every option of the worker. */
export const environment = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address on which /healthz, /readyz and /metrics are'),
    ...databaseEnvironment,
    ...poolEnvironment,
    ...temporalEnvironment,
    ...stripeEnvironment,
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
    LEDGER_DAYS: z.coerce
      .number()
      .int()
      .min(31)
      .default(90)
      .describe("Days for which what was read from Stripe's events is kept; that they came is kept for ever"),
    WORKFLOW_TASKS_AT_ONCE: z.coerce
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(40)
      .describe(
        'Workflow tasks that are worked at at one time: fewer keep a create quick on cores that the server shares (docs/scale.md)',
      ),
    WORKFLOW_BUNDLES: z
      .string()
      .default('node_modules/.cache/pay-to-view')
      .describe('Folder in which the bundled workflows are kept between starts'),
    WORKFLOW_BUNDLE: z
      .string()
      .refine(existsSync, 'Expected the file that npm run build makes')
      .optional()
      .describe('File of workflows bundled by npm run build; without it they are bundled from source'),
    ...telemetryEnvironment,
    TEMPORAL_DEPLOYMENT_NAME: z.string().optional().describe('Worker Deployment at Temporal; without it workers have no version'),
    TEMPORAL_BUILD_ID: z.string().optional().describe("This build's version in the Worker Deployment"),
    HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(3002).describe('Port of /healthz, /readyz and /metrics'),
  })
  .refine(certificateHasKey, certificateWithoutKey)
  .refine((env) => (env.TEMPORAL_DEPLOYMENT_NAME === undefined) === (env.TEMPORAL_BUILD_ID === undefined), {
    path: ['TEMPORAL_BUILD_ID'],
    message: 'Expected both TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_BUILD_ID, or neither',
  })
