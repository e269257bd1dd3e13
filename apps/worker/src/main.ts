import { createServer } from 'node:http'
import { createDb, createReads, poolUsage } from '@pay-to-view/db'
import { readEnvironment } from '@pay-to-view/environment'
import { createEventIngestor, createReconciler } from '@pay-to-view/ingestion'
import { createGateway, createStripe, isLivemode } from '@pay-to-view/stripe'
import { observeStripeCalls } from '@pay-to-view/stripe/observe-calls'
import { checkDependency, createLog, startTracing } from '@pay-to-view/telemetry'
import { cachedWorkflowBundle } from '@pay-to-view/temporal/bundle'
import { ensureReconcileSchedule } from '@pay-to-view/temporal/schedule'
import { forwardTemporalLogs } from '@pay-to-view/temporal/temporal-logger'
import { createWorker } from '@pay-to-view/temporal/worker'
import { connectWorker, createWorkerClient } from '@pay-to-view/temporal/worker-connection'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environment } from './env.ts'
import { createMetrics } from './metrics.ts'

const env = readEnvironment('Temporal worker', environment)

const log = createLog(env.LOG_LEVEL, 'worker')
process.on('uncaughtException', (err) => {
  log.fatal({ err }, 'the worker ends')
  process.exit(1)
})
const endTracing = await startTracing('pay-to-view-worker', env.OTEL_EXPORTER_OTLP_ENDPOINT)
forwardTemporalLogs(log)
const db = createDb(env.DATABASE_URL, { connections: env.DATABASE_POOL })
const connection = await connectWorker(temporalOptions(env))
const client = createWorkerClient(connection, env.TEMPORAL_NAMESPACE)
const purchases = createPurchaseClient({ client, taskQueue: env.TASK_QUEUE })
const reads = createReads(db)
const metrics = createMetrics({ reads, poolUse: () => poolUsage(db), backlog: purchases.backlog })
const stripe = createGateway(
  createStripe({
    secretKey: env.STRIPE_SECRET_KEY,
    apiBase: env.STRIPE_API_BASE,
    onCall: observeStripeCalls(log, metrics.registry),
  }),
)
const ingestor = createEventIngestor({ db, stripe, purchases, livemode: isLivemode(env.STRIPE_SECRET_KEY) })
const worker = await createWorker({
  connection,
  namespace: env.TEMPORAL_NAMESPACE,
  taskQueue: env.TASK_QUEUE,
  db,
  stripe,
  reconciler: createReconciler({ db, stripe, purchases, ingestor, graceSeconds: env.RECONCILE_GRACE, retentionDays: env.LEDGER_DAYS }),
  bundle: env.WORKFLOW_BUNDLE ? { codePath: env.WORKFLOW_BUNDLE } : await cachedWorkflowBundle(env.WORKFLOW_BUNDLES),
  version:
    env.TEMPORAL_DEPLOYMENT_NAME && env.TEMPORAL_BUILD_ID
      ? { deploymentName: env.TEMPORAL_DEPLOYMENT_NAME, buildId: env.TEMPORAL_BUILD_ID }
      : undefined,
  maxConcurrentWorkflowTasks: env.WORKFLOW_TASKS_AT_ONCE,
  onDrift: metrics.drift,
  onPurchaseChange: metrics.moved,
  onActivityAttempt: metrics.step,
  log,
})
await ensureReconcileSchedule(client, { taskQueue: env.TASK_QUEUE, everySeconds: env.RECONCILE_EVERY })

const health = createServer(async (request, response) => {
  if (request.url === '/metrics') {
    response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(await metrics.registry.metrics())
    return
  }
  const answer = (ready: boolean, what: object): void => {
    response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(what))
  }
  const state = worker.getState()
  if (request.url === '/healthz') return answer(true, { worker: state })
  const [database, temporal] = await Promise.all([checkDependency(reads.ping()), checkDependency(purchases.ping())])
  answer(state === 'RUNNING' && database === 'ok' && temporal === 'ok', { worker: state, database, temporal })
}).listen(env.HEALTH_PORT, env.HOST)

// The worker shuts down by itself on SIGINT and SIGTERM (Temporal's Runtime), and `run` resolves when the last step has ended.
await worker.run()
health.close()
await connection.close()
await db.$disconnect()
await endTracing()
