import type { User } from '@pay-to-view/api'
import { createLog } from '@pay-to-view/telemetry'
import type { Limits, ServerDeps } from '../src/deps.ts'
import { createMetrics } from '../src/metrics.ts'
import { buildServer } from '../src/server.ts'

const never = (): never => {
  throw new Error('not called here')
}

export const generous: Limits = {
  trustProxy: [],
  callsPerUser: 0,
  callsPerAddress: 0,
  calls: { most: 50, waiting: 500, patience: 60_000 },
  streams: { most: 50, perUser: 50, reads: 4 },
  maxConnections: 100,
  headersTimeoutMs: 10_000,
  webhooks: { most: 8, waiting: 200, patience: 60_000 },
}

export const webhookSecret = 'whsec_stage'

/** `Bearer alice` is alice. */
const userOf = (authorization: string): User => ({
  id: authorization.replace('Bearer ', ''),
  admin: false,
  tokenExpiresAt: Date.now() + 60_000,
})

/** The server over doubles: for what is decided before any other part is asked. What is not given is not to be called. */
export const stageServer = (deps: Partial<Omit<ServerDeps, 'limits'>>, limits: Partial<Limits> = {}) =>
  buildServer({
    authenticate: async (authorization) => (authorization === undefined ? null : userOf(authorization)),
    reads: new Proxy(Object.create(null), { get: never }),
    purchases: { create: never, refund: never, accept: never },
    operator: new Proxy(Object.create(null), { get: never }),
    buildLinks: never,
    accessChanges: { onAccessChange: never },
    ingestor: { dispatch: never, ingest: never },
    webhookSecrets: [webhookSecret],
    webOrigins: ['https://shop.example'],
    log: createLog('silent', 'server'),
    metrics: createMetrics({ poolUse: never }),
    playback: null,
    pingTemporal: never,
    draining: new AbortController().signal,
    ...deps,
    limits: { ...generous, ...limits },
  })
