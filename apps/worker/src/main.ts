import { closeDb, createDb, createReads, poolUsage } from '@pay-to-view/db'
import { readEnvironment } from '@pay-to-view/environment'
import {
  alertRejectedKey,
  createEventIngestor,
  createEvidenceStager,
  createReconciler,
  stageEvidenceNow,
} from '@pay-to-view/ingestion'
import { createGateway, createStripe, isLivemode } from '@pay-to-view/stripe'
import { observeStripeCalls } from '@pay-to-view/stripe/observe-calls'
import { createLog, startTracing } from '@pay-to-view/telemetry'
import { cachedWorkflowBundle } from '@pay-to-view/temporal/bundle'
import { ensureReconcileSchedule } from '@pay-to-view/temporal/schedule'
import { forwardTemporalLogs } from '@pay-to-view/temporal/temporal-logger'
import { createWorker } from '@pay-to-view/temporal/worker'
import { connectWorker, createWorkerClient } from '@pay-to-view/temporal/worker-connection'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import { readDisputePolicy } from './dispute-policy.ts'
import { createEmail, recordEmails } from './email.ts'
import { environment } from './env.ts'
import { createHealthServer } from './health.ts'
import { createMetrics } from './metrics.ts'
import { startWebhooks } from './webhooks.ts'

const env = readEnvironment('Temporal worker', environment)

const log = createLog(env.LOG_LEVEL, 'worker')
process.on('uncaughtException', (err) => {
  log.fatal({ err }, 'uncaught error; the worker exits')
  process.exit(1)
})
const stopTracing = await startTracing('pay-to-view-worker', env.OTEL_EXPORTER_OTLP_ENDPOINT)
forwardTemporalLogs(log)
const db = createDb(env.DATABASE_URL, { connections: env.DATABASE_POOL })
const connection = await connectWorker(temporalOptions(env))
const client = createWorkerClient(connection, env.TEMPORAL_NAMESPACE)
const purchases = createPurchaseClient({ client, taskQueue: env.TASK_QUEUE })
const reads = createReads(db)
const metrics = createMetrics({ reads, poolUsage: () => poolUsage(db), backlog: purchases.backlog })
const observeCall = observeStripeCalls(log, metrics.registry)
const alertCall = alertRejectedKey(db)
const stripe = createGateway(
  createStripe({
    secretKey: env.STRIPE_SECRET_KEY,
    apiBase: env.STRIPE_API_BASE,
    onCall: (call) => {
      observeCall(call)
      alertCall(call)
    },
  }),
)
const ingestor = createEventIngestor({ db, stripe, purchases, livemode: isLivemode(env.STRIPE_SECRET_KEY), site: env.SITE_ID })
const shared = {
  connection,
  namespace: env.TEMPORAL_NAMESPACE,
  taskQueue: env.TASK_QUEUE,
  db,
  bundle: env.WORKFLOW_BUNDLE ? { codePath: env.WORKFLOW_BUNDLE } : await cachedWorkflowBundle(env.WORKFLOW_BUNDLES),
  version:
    env.TEMPORAL_DEPLOYMENT_NAME && env.TEMPORAL_BUILD_ID
      ? { deploymentName: env.TEMPORAL_DEPLOYMENT_NAME, buildId: env.TEMPORAL_BUILD_ID }
      : undefined,
  onActivityAttempt: metrics.recordActivityAttempt,
}
const email = createEmail(env, stripe, log)
const stopping = new AbortController()
void recordEmails(db, env, log, stopping.signal)
const webhooks = await startWebhooks(
  {
    databaseUrl: env.DATABASE_URL,
    keys: env.WEBHOOKS_ENCRYPTION_KEYS,
    allowPrivate: env.WEBHOOKS_ALLOW_PRIVATE,
    client,
    log,
  },
  {
    ...shared,
    email,
    limits: { maxPerSecond: env.WEBHOOK_DELIVERIES_PER_SECOND, maxConcurrent: env.WEBHOOK_DELIVERIES_AT_ONCE },
    onAttempt: metrics.recordWebhookAttempt,
  },
)
const stageEvidence = createEvidenceStager({ db, stripe, policy: readDisputePolicy(env) })
/** Stages evidence in Stripe for a new dispute. If this fails, the reconciler stages it later. */
const stageNewEvidence = ({ id, status, change }: PurchaseView): void => {
  if (status !== 'Disputed' || change?.from === status) return
  stageEvidenceNow(db, stageEvidence, id).catch((err) =>
    log.warn({ err, purchaseId: id }, 'dispute evidence is not staged yet; the reconciler will retry'),
  )
}
const worker = await createWorker({
  ...shared,
  stripe,
  purchases,
  cancellationsPerSecond: env.CANCELLATIONS_PER_SECOND,
  reconciler: createReconciler({
    db,
    stripe,
    purchases,
    ingestor,
    graceSeconds: env.RECONCILE_GRACE,
    retentionDays: env.LEDGER_DAYS,
    messageRetentionDays: env.WEBHOOK_LOG_DAYS,
    playRetentionDays: env.PLAY_DAYS,
    stageEvidence,
  }),
  maxConcurrentWorkflowTasks: env.WORKFLOW_TASKS_AT_ONCE,
  onDrift: metrics.recordDrift,
  onPurchaseChange: (view) => {
    metrics.recordPurchaseChange(view)
    stageNewEvidence(view)
  },
  log,
})
await ensureReconcileSchedule(client, { taskQueue: env.TASK_QUEUE, everySeconds: env.RECONCILE_EVERY })

const health = createHealthServer({
  scrape: metrics.scrape,
  workerState: () => worker.getState(),
  pingDatabase: reads.ping,
  pingTemporal: purchases.ping,
}).listen(env.HEALTH_PORT, env.HOST)

// Temporal's Runtime shuts the worker down on SIGINT and SIGTERM; `run` resolves when the last activity has completed.
await Promise.all([worker.run(), webhooks?.worker.run()])
stopping.abort()
await webhooks?.close()
email?.close()
health.close()
await connection.close()
await closeDb(db)
await stopTracing()
