import type { User } from '@pay-to-view/api'
import { createLog } from '@pay-to-view/telemetry'
import type { Limits, ServerDeps } from '../src/deps.ts'
import { createMetrics } from '../src/metrics.ts'
import { buildServer } from '../src/server.ts'

export const unexpectedCall = (): never => {
  throw new Error('Unexpected call')
}

const generousLane = { concurrency: 50, maxQueued: 500, queueTimeoutMs: 60_000 }

const generousLimits: Limits = {
  trustProxy: [],
  callsPerUser: 0,
  createsPerUser: 0,
  rejectedCodesPerUser: 0,
  callsPerKey: 0,
  callsPerAddress: 0,
  calls: { reads: generousLane, lists: generousLane, creates: generousLane, commands: generousLane, catalog: generousLane },
  concurrentCreatesPerUser: generousLane,
  concurrentCallsPerAddress: generousLane,
  webhooks: { concurrency: 8, maxQueued: 200, queueTimeoutMs: 60_000 },
  unverifiedBodies: {
    ...{ maxTotal: 500, maxPerAddress: 500, largeBytes: 1_000_000, maxLarge: 500, timeoutMs: 10_000 },
    ...{ maxFailed: 500, failureWindowSeconds: 60 },
  },
  streams: { maxOpen: 50, maxPerUser: 50, concurrentReads: 4 },
  maxConnections: 100,
  headersTimeoutMs: 10_000,
}

export const webhookSecret = 'whsec_test'

/** `Bearer alice` authenticates as alice. */
const toUser = (authorization: string): User => ({
  id: authorization.replace('Bearer ', ''),
  admin: false,
  email: null,
  tokenExpiresAt: Date.now() + 60_000,
})

/**
 * Builds a server with test doubles, for tests that do not need Postgres, Temporal or Stripe. Dependencies that are not passed throw when
 * they are called.
 */
export const buildTestServer = (deps: Partial<Omit<ServerDeps, 'limits'>>, limits: Partial<Limits> = {}) =>
  buildServer({
    authenticate: async (authorization) => (authorization === undefined ? null : toUser(authorization)),
    apiKeys: { find: unexpectedCall, recordUse: unexpectedCall },
    reads: new Proxy(Object.create(null), { get: unexpectedCall }),
    access: { startPlayback: unexpectedCall },
    purchases: { create: unexpectedCall, refund: unexpectedCall, withdraw: unexpectedCall, accept: unexpectedCall },
    operator: new Proxy(Object.create(null), { get: unexpectedCall }),
    buildLinks: unexpectedCall,
    automaticTax: true,
    consent: null,
    accessChanges: { onAccessChange: unexpectedCall, onEntityChange: unexpectedCall },
    ingestor: { dispatch: unexpectedCall, ingest: unexpectedCall },
    webhookSecrets: [webhookSecret],
    webOrigins: ['https://shop.example', 'http://localhost:*'],
    log: createLog('silent', 'server'),
    metrics: createMetrics({ poolUsage: unexpectedCall }),
    playback: null,
    playbackSessions: { start: unexpectedCall, heartbeat: unexpectedCall, end: unexpectedCall },
    pingTemporal: unexpectedCall,
    draining: new AbortController().signal,
    ...deps,
    limits: { ...generousLimits, ...limits },
  })
