import type { Authenticator, CallLane, Context, Services } from '@pay-to-view/api'
import type { ActiveApiKey } from '@pay-to-view/db'
import type { EventIngestor } from '@pay-to-view/ingestion'
import type { Log } from '@pay-to-view/telemetry'
import type { FastifyRequest } from 'fastify'
import type { ConcurrencyLimits } from './concurrency-limiter.ts'
import type { Metrics } from './metrics.ts'
import type { StreamLimits } from './stream-limiter.ts'
import type { UnverifiedBodyLimits } from './unverified-bodies.ts'

export interface Limits {
  /** Addresses of the proxies whose X-Forwarded-For is trusted. */
  trustProxy: readonly string[]
  /** Per `rateWindowSeconds`; 0: no limit. */
  callsPerUser: number
  /** Purchases created per `rateWindowSeconds`; 0: no limit. */
  createsPerUser: number
  /** Rejected promotion codes in 10 minutes; 0: no limit. */
  rejectedCodesPerUser: number
  /** For an API key without its own limit, per `rateWindowSeconds`; 0: no limit. */
  callsPerKey: number
  /** Per `rateWindowSeconds`; 0: no limit. */
  callsPerAddress: number
  /** Each lane has its own limits, separate from `webhooks`, so that no lane can starve another. */
  calls: Record<CallLane, ConcurrencyLimits>
  /** Concurrent create calls of one user; up to `maxQueued` more are queued. */
  concurrentCreatesPerUser: Pick<ConcurrencyLimits, 'concurrency' | 'maxQueued'>
  /** Concurrent calls without a token from one IP address; up to `maxQueued` more are queued. */
  concurrentCallsPerAddress: Pick<ConcurrencyLimits, 'concurrency' | 'maxQueued'>
  webhooks: ConcurrencyLimits
  /** For webhooks whose signature has not been verified yet. */
  unverifiedBodies: UnverifiedBodyLimits
  streams: StreamLimits
  /** Maximum number of open connections; any more are closed immediately. */
  maxConnections: number
  /** How long the headers of a request may take to arrive. */
  headersTimeoutMs: number
}

export interface ServerDeps extends Omit<Services, 'withLimit' | 'openStream' | 'stopping'> {
  authenticate: Authenticator
  apiKeys: {
    /** Returns null if the key does not exist, was revoked or has expired. */
    find: (secret: string) => Promise<ActiveApiKey | null>
    recordUse: (key: ActiveApiKey) => Promise<void>
  }
  ingestor: EventIngestor
  webhookSecrets: readonly string[]
  webOrigins: readonly string[]
  limits: Limits
  log: Log
  metrics: Metrics
  /** Rejects if Temporal is unavailable. */
  pingTemporal: () => Promise<void>
  /** Aborted by the stop signal. The server still responds, but /readyz returns 503 so that load balancers remove the server. */
  draining: AbortSignal
}

/** Creates the context of a call; rejects if the token is invalid. */
export type CreateContext = (request: Pick<FastifyRequest, 'headers' | 'id' | 'ip'>) => Promise<Context>
