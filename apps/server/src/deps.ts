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
  /** Maximum number of calls per user and `rateWindowSeconds`; 0 means no limit. */
  callsPerUser: number
  /** Maximum number of purchases that a user may create or withdraw from per `rateWindowSeconds`; 0 means no limit. */
  createsPerUser: number
  /** Maximum number of rejected promotion codes per user in 10 minutes; 0 means no limit. */
  rejectedCodesPerUser: number
  /** Maximum number of calls per `rateWindowSeconds` with an API key that has no limit of its own; 0 means no limit. */
  callsPerKey: number
  /** Maximum number of calls per IP address and `rateWindowSeconds`; 0 means no limit. */
  callsPerAddress: number
  /** The limits of each lane. They are independent of each other and of `webhooks`, so that no lane can starve another. */
  calls: Record<CallLane, ConcurrencyLimits>
  /** Maximum number of concurrent create calls per user; up to `maxQueued` more are queued. */
  concurrentCreatesPerUser: ConcurrencyLimits
  /** Maximum number of concurrent calls without a token per IP address; up to `maxQueued` more are queued. */
  concurrentCallsPerAddress: ConcurrencyLimits
  webhooks: ConcurrencyLimits
  /** Limits for webhooks whose signature has not been verified yet. */
  unverifiedBodies: UnverifiedBodyLimits
  streams: StreamLimits
  /** Maximum number of open connections; additional connections are closed immediately. */
  maxConnections: number
  /** How long a request's headers may take to arrive. */
  headersTimeoutMs: number
}

export interface ServerDeps extends Omit<Services, 'withLimit' | 'openStream' | 'stopping'> {
  authenticate: Authenticator
  apiKeys: {
    /** Returns null if the key does not exist, has been revoked or has expired. */
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
  /**
   * Aborted when the process receives a stop signal. The server still handles requests, but /readyz returns 503, so load balancers remove
   * the server.
   */
  draining: AbortSignal
}

/** Creates the context of a call; rejects if the token is invalid. */
export type CreateContext = (request: Pick<FastifyRequest, 'headers' | 'id' | 'ip'>) => Promise<Context>
