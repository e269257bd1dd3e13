import { setTimeout as sleep } from 'node:timers/promises'
import {
  consentTermsFor,
  createAccessCommands,
  createAuthenticator,
  createEmailHash,
  createLinks,
  createMediaSigner,
  createOperatorCommands,
  createPlayback,
  createPlaybackProviders,
  createPlaybackSessions,
  createPurchaseCommands,
  createReturnUrlCheck,
  findUnplayableEntities,
} from '@pay-to-view/api'
import { authOptions } from '@pay-to-view/api/auth/environment'
import { closeDb, createDb, createReads, findApiKey, listenForAccess, poolUsage, recordApiKeyUse } from '@pay-to-view/db'
import { readEnvironment } from '@pay-to-view/environment'
import { alertRejectedKey, createEventIngestor } from '@pay-to-view/ingestion'
import { createGateway, createStripe, isLivemode } from '@pay-to-view/stripe'
import { checkoutOptions } from '@pay-to-view/stripe/environment'
import { observeStripeCalls } from '@pay-to-view/stripe/observe-calls'
import { createLog, startTracing } from '@pay-to-view/telemetry'
import { createSecretBox } from '@pay-to-view/webhooks'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import closeWithGrace from 'close-with-grace'
import { environment, webhookConcurrency } from './env.ts'
import { createMetrics } from './metrics.ts'
import { createMissingKeysLog } from './missing-keys.ts'
import { buildServer } from './server.ts'

const env = readEnvironment('API server', environment)

const log = createLog(env.LOG_LEVEL, 'server', { secrets: env.AUTH_SECRET === undefined ? [] : [env.AUTH_SECRET] })
const stopTracing = await startTracing('pay-to-view-server', env.OTEL_EXPORTER_OTLP_ENDPOINT)
const livemode = isLivemode(env.STRIPE_SECRET_KEY)
const db = createDb(env.DATABASE_URL, { connections: env.DATABASE_POOL })
const metrics = createMetrics({ poolUsage: () => poolUsage(db) })
const observeCall = observeStripeCalls(log, metrics.registry)
const alertCall = alertRejectedKey(db)
const stripe = createGateway(
  createStripe({
    secretKey: env.STRIPE_SECRET_KEY,
    apiBase: env.STRIPE_API_BASE,
    timeoutMs: 6_000,
    maxRetries: 1,
    onCall: (call) => {
      observeCall(call)
      alertCall(call)
    },
  }),
)
const temporal = createTemporalClient(temporalOptions(env))
const purchases = createPurchaseClient({ client: temporal, taskQueue: env.TASK_QUEUE })
const reads = createReads(db)
const accessListener = listenForAccess(env.DATABASE_URL, {
  onConnectionLost: (error) => log.warn({ err: error }, 'connection for access notifications lost; reconnecting'),
})

const playback = await createPlayback({
  issuer: env.PLAYBACK_ISSUER,
  keys: env.PLAYBACK_KEYS?.keys ?? [],
  lifetimeSeconds: env.PLAYBACK_SECONDS,
})
const playbackProviders = await createPlaybackProviders(env, playback)

const consent = consentTermsFor(env.CONSENT)

const draining = new AbortController()

const app = await buildServer({
  authenticate: createAuthenticator({
    ...authOptions(env),
    onKeysFetch: (outcome) => metrics.keysFetches.inc({ outcome }),
    onReject: (reason) => log.debug({ reason }, 'token rejected'),
  }),
  apiKeys: { find: (secret) => findApiKey(db, secret), recordUse: (key) => recordApiKeyUse(db, key) },
  reads,
  access: createAccessCommands(db),
  purchases: createPurchaseCommands({
    db,
    stripe,
    purchases,
    checkoutOptions: checkoutOptions(env),
    consent,
    hashEmail: createEmailHash(env.STRIPE_SECRET_KEY),
    isReturnUrlAllowed: createReturnUrlCheck(env.RETURN_URL_ORIGINS),
  }),
  operator: createOperatorCommands(db, {
    jobs: purchases,
    stripe,
    webhooks: env.WEBHOOKS_ENCRYPTION_KEYS
      ? { secrets: createSecretBox(env.WEBHOOKS_ENCRYPTION_KEYS), allowPrivate: env.WEBHOOKS_ALLOW_PRIVATE }
      : null,
  }),
  buildLinks: createLinks({
    temporalUi: env.TEMPORAL_UI_URL,
    namespace: env.TEMPORAL_NAMESPACE,
    stripeDashboard: env.STRIPE_DASHBOARD_URL ?? `https://dashboard.stripe.com${livemode ? '' : '/test'}`,
  }),
  accessChanges: accessListener,
  automaticTax: env.AUTOMATIC_TAX === 'on',
  consent,
  playback,
  playbackSessions: createPlaybackSessions({
    db,
    media: createMediaSigner(playbackProviders, env.PLAYBACK_SECONDS, createMissingKeysLog(log, env)),
    maxStreams: env.MAX_STREAMS,
  }),
  ingestor: createEventIngestor({ db, stripe, purchases, livemode, site: env.SITE_ID }),
  webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
  webOrigins: env.WEB_ORIGINS,
  limits: {
    trustProxy: env.TRUST_PROXY,
    callsPerUser: env.RATE_LIMIT_USER,
    createsPerUser: env.RATE_LIMIT_CREATES,
    rejectedCodesPerUser: env.RATE_LIMIT_CODES,
    callsPerKey: env.RATE_LIMIT_KEY,
    callsPerAddress: env.RATE_LIMIT_ADDRESS,
    calls: {
      reads: { concurrency: env.CALLS_AT_ONCE, maxQueued: env.CALLS_WAITING, queueTimeoutMs: 5_000 },
      lists: { concurrency: 2, maxQueued: env.CALLS_WAITING, queueTimeoutMs: 5_000 },
      creates: { concurrency: env.CREATES_AT_ONCE, maxQueued: env.CALLS_WAITING, queueTimeoutMs: 5_000 },
      commands: { concurrency: 10, maxQueued: 100, queueTimeoutMs: 5_000 },
      // Catalog writes run one at a time under the catalog lock, so additional concurrent calls would only occupy database connections. A
      // queued import may use 32 MB of memory.
      catalog: { concurrency: 1, maxQueued: 20, queueTimeoutMs: 20_000 },
    },
    // A create may take 25 s after at most 35 s in the queues. `closeTimeoutMs` and HAProxy's `timeout server` are longer.
    concurrentCreatesPerUser: { concurrency: env.CREATES_AT_ONCE_USER, maxQueued: 26, queueTimeoutMs: 30_000 },
    concurrentCallsPerAddress: { concurrency: env.CALLS_AT_ONCE_ADDRESS, maxQueued: 100, queueTimeoutMs: 30_000 },
    webhooks: { concurrency: webhookConcurrency(env), maxQueued: env.WEBHOOKS_WAITING, queueTimeoutMs: 5_000 },
    // Unverified bodies use at most 20 MB of memory. Stripe's servers send few webhooks at the same time, and each webhook is verified
    // within milliseconds.
    unverifiedBodies: {
      ...{ maxTotal: 64, maxPerAddress: 16, largeBytes: 64 * 1024, maxLarge: 16, timeoutMs: 10_000 },
      ...{ maxFailed: 50, failureWindowSeconds: 60 },
    },
    // Reads that start at the same time are combined into one statement, so a burst of reads uses few connections.
    streams: { maxOpen: env.STREAMS, maxPerUser: env.STREAMS_USER, concurrentReads: 16 },
    maxConnections: env.CONNECTIONS,
    headersTimeoutMs: 10_000,
  },
  log,
  metrics,
  pingTemporal: purchases.ping,
  draining: draining.signal,
})
/** Longer than the longest call, which is a create that waits in the queues. */
const closeTimeoutMs = 65_000
closeWithGrace({ delay: env.DRAIN_SECONDS * 1_000 + closeTimeoutMs }, async ({ err }) => {
  draining.abort()
  if (err) log.fatal({ err }, 'uncaught error; the server stops')
  else await sleep(env.DRAIN_SECONDS * 1_000)
  await app.close()
  await accessListener.close()
  await temporal.connection.close()
  await closeDb(db)
  await stopTracing()
})
await app.listen({ host: env.HOST, port: env.PORT })
void findUnplayableEntities(db, env).then(
  (found) => {
    for (const unplayable of found)
      log.warn(
        unplayable,
        unplayable.kind === null
          ? 'videos without playback can be played only if PLAYBACK_KEYS is set'
          : 'entities cannot be played: their playback provider has no keys',
      )
  },
  (error: unknown) => log.warn({ err: error }, 'the playback sources of the entities were not checked'),
)
