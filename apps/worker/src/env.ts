import { existsSync } from 'node:fs'
import { databaseEnvironment, poolEnvironment } from '@pay-to-view/db/environment'
import { emailEnvironment, hasSender, withoutSender } from '@pay-to-view/email/environment'
import { stripeEnvironment } from '@pay-to-view/stripe/environment'
import { telemetryEnvironment } from '@pay-to-view/telemetry/environment'
import { webhooksEnvironment } from '@pay-to-view/webhooks/environment'
import { certificateHasKey, certificateWithoutKey, temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

const textFile = z.string().refine(existsSync, 'Expected an existing text file').optional()

/** The environment variables of the worker. */
export const environment = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address to listen on for /healthz, /readyz and /metrics'),
    ...databaseEnvironment,
    ...poolEnvironment,
    ...temporalEnvironment,
    ...stripeEnvironment,
    RECONCILE_EVERY: z.coerce.number().int().min(1).max(86_400).default(60).describe('Interval of the reconciler in seconds'),
    RECONCILE_GRACE: z.coerce
      .number()
      .int()
      .min(0)
      .max(3600)
      .default(30)
      .describe('Age in seconds after which the reconciler ingests an event whose webhook has not arrived'),
    LEDGER_DAYS: z.coerce
      .number()
      .int()
      .min(31)
      .default(90)
      .describe(
        "Days after which the parsed content of applied Stripe events is deleted; the events' ids and types are kept indefinitely",
      ),
    PLAY_DAYS: z.coerce
      .number()
      .int()
      .min(1)
      .default(400)
      .describe('Days after which entries of the play log are deleted: who played what, when, on which device and how far'),
    CANCELLATIONS_PER_SECOND: z.coerce
      .number()
      .min(0.1)
      .max(100)
      .default(20)
      .describe(
        'Maximum number of purchases of canceled entities that a worker refunds or closes per second; each purchase takes about 3 calls to Stripe (docs/operations.md)',
      ),
    WORKFLOW_TASKS_AT_ONCE: z.coerce
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(40)
      .describe(
        'Maximum number of concurrent workflow tasks; a lower value leaves more CPU to a server on the same machine (docs/scale.md)',
      ),
    WORKFLOW_BUNDLES: z
      .string()
      .default('node_modules/.cache/pay-to-view')
      .describe('Folder that caches the workflow bundle between starts'),
    WORKFLOW_BUNDLE: z
      .string()
      .refine(existsSync, 'Expected an existing file, as created by npm run build')
      .optional()
      .describe('Workflow bundle created by npm run build; by default the workflows are bundled from source'),
    ...webhooksEnvironment,
    WEBHOOK_LOG_DAYS: z.coerce
      .number()
      .int()
      .min(7)
      .default(30)
      .describe('Days after which messages to webhook endpoints are deleted, with their deliveries and the responses'),
    WEBHOOK_DELIVERIES_PER_SECOND: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(500)
      .describe('Maximum number of webhook messages per second per endpoint, per worker, unless the endpoint has its own limit'),
    WEBHOOK_DELIVERIES_AT_ONCE: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(20)
      .describe('Maximum number of concurrent webhook requests per endpoint, per worker, unless the endpoint has its own limit'),
    DISPUTE_REFUND_POLICY_FILE: textFile.describe(
      "File that contains the site's refund policy and says where buyers see it, used as dispute evidence (docs/operations.md)",
    ),
    DISPUTE_REFUND_REFUSAL_FILE: textFile.describe(
      'File that explains why a disputed purchase is not refunded, used as dispute evidence (docs/operations.md)',
    ),
    ...emailEnvironment,
    ...telemetryEnvironment,
    TEMPORAL_DEPLOYMENT_NAME: z.string().optional().describe('Temporal Worker Deployment; if not set, the worker is unversioned'),
    TEMPORAL_BUILD_ID: z.string().optional().describe('Version of this build in the Worker Deployment'),
    HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(3002).describe('Port for /healthz, /readyz and /metrics'),
  })
  .refine(certificateHasKey, certificateWithoutKey)
  .refine(hasSender, withoutSender)
  .refine((env) => (env.TEMPORAL_DEPLOYMENT_NAME === undefined) === (env.TEMPORAL_BUILD_ID === undefined), {
    path: ['TEMPORAL_BUILD_ID'],
    message: 'Expected both TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_BUILD_ID, or neither',
  })
