import { setTimeout as sleep } from 'node:timers/promises'
import {
  createAuthenticator,
  createLinks,
  createOperatorCommands,
  createPlayback,
  createPurchaseCommands,
  createReturnUrlCheck,
} from '@pay-to-view/api'
import { createDb, createReads, listenForAccess, poolUsage } from '@pay-to-view/db'
import { readEnvironment } from '@pay-to-view/environment'
import { createEventIngestor } from '@pay-to-view/ingestion'
import { createGateway, createStripe, isLivemode } from '@pay-to-view/stripe'
import { createLog, observeStripeCalls, startTracing } from '@pay-to-view/telemetry'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import closeWithGrace from 'close-with-grace'
import { environment, webhooksAtOnce } from './env.ts'
import { createMetrics } from './metrics.ts'
import { buildServer } from './server.ts'

const env = readEnvironment('API server', environment)

const log = createLog(env.LOG_LEVEL, 'server')
const endTracing = await startTracing('pay-to-view-server', env.OTEL_EXPORTER_OTLP_ENDPOINT)
const livemode = isLivemode(env.STRIPE_SECRET_KEY)
const db = createDb(env.DATABASE_URL, { connections: env.DATABASE_POOL })
const metrics = createMetrics({ poolUse: () => poolUsage(db) })
const stripe = createGateway(
  createStripe({
    secretKey: env.STRIPE_SECRET_KEY,
    apiBase: env.STRIPE_API_BASE,
    timeout: 6_000,
    retries: 1,
    onCall: observeStripeCalls(log, metrics.registry),
  }),
)
const temporal = createTemporalClient(temporalOptions(env))
const purchases = createPurchaseClient({ client: temporal, taskQueue: env.TASK_QUEUE })
const reads = createReads(db)
const accessHints = listenForAccess(env.DATABASE_URL, {
  onLost: (error) => log.warn({ err: error }, 'changes of access are not heard: connecting again'),
})

const leaving = new AbortController()

const app = await buildServer({
  authenticate: createAuthenticator({
    issuer: env.AUTH_ISSUER,
    audience: env.AUTH_AUDIENCE,
    keys: env.AUTH_JWKS ?? new URL(env.AUTH_JWKS_URL ?? ''),
  }),
  reads,
  purchases: createPurchaseCommands({
    db,
    stripe,
    purchases,
    redirect: env.REDIRECT_ON_COMPLETION,
    isReturnUrlAllowed: createReturnUrlCheck(env.RETURN_URL_ORIGINS),
  }),
  operator: createOperatorCommands(db),
  linksOf: createLinks({
    temporalUi: env.TEMPORAL_UI_URL,
    namespace: env.TEMPORAL_NAMESPACE,
    stripeDashboard: env.STRIPE_DASHBOARD_URL ?? `https://dashboard.stripe.com${livemode ? '' : '/test'}`,
  }),
  accessHints,
  playback: await createPlayback({
    issuer: env.PLAYBACK_ISSUER,
    keys: env.PLAYBACK_KEYS?.keys ?? [],
    lifetime: env.PLAYBACK_SECONDS,
  }),
  door: createEventIngestor({ db, stripe, purchases, livemode }),
  webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
  webOrigins: env.WEB_ORIGINS,
  limits: {
    trustProxy: env.TRUST_PROXY,
    perUser: env.RATE_LIMIT_USER,
    perAddress: env.RATE_LIMIT_ADDRESS,
    calls: { most: env.CALLS_AT_ONCE, waiting: env.CALLS_WAITING, patience: 5_000 },
    streams: { most: env.STREAMS, perUser: env.STREAMS_USER, reads: 4 },
    connections: env.CONNECTIONS,
    headersTimeout: 10_000,
    webhooks: { most: webhooksAtOnce(env), waiting: env.WEBHOOKS_WAITING, patience: 5_000 },
  },
  log,
  metrics,
  pingTemporal: purchases.ping,
  leaving: leaving.signal,
})
/** Longer than the longest call: an update that waits for the workflow. */
const patience = 40_000
closeWithGrace({ delay: env.DRAIN_SECONDS * 1_000 + patience }, async ({ err }) => {
  leaving.abort()
  if (err) log.fatal({ err }, 'the server stops')
  else await sleep(env.DRAIN_SECONDS * 1_000)
  await app.close()
  await accessHints.close()
  await temporal.connection.close()
  await db.$disconnect()
  await endTracing()
})
await app.listen({ host: env.HOST, port: env.PORT })
