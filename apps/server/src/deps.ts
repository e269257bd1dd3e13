import type { Authenticator, Context, Services } from '@pay-to-view/api'
import type { EventIngestor } from '@pay-to-view/ingestion'
import type { Log } from '@pay-to-view/telemetry'
import type { Metrics } from './metrics.ts'
import type { StreamOptions } from './streams.ts'
import type { TurnOptions } from './turns.ts'

export interface Limits {
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  trustProxy: readonly string[]
  /** Calls in `rateWindow`; 0: no limit. */
  perUser: number
  perAddress: number
  /** Apart, so that neither takes the other's turns. */
  calls: TurnOptions
  webhooks: TurnOptions
  streams: StreamOptions
  /** Connections that are open at one time; one more is closed as it is made. */
  connections: number
  /** Milliseconds in which the headers of a request have to arrive. */
  headersTimeout: number
}

/** What procedures work with comes from outside, but for what bounds their calls. */
export interface ServerDeps extends Omit<Services, 'inTurn' | 'openStream' | 'stopping'> {
  authenticate: Authenticator
  door: EventIngestor
  webhookSecrets: readonly string[]
  webOrigins: readonly string[]
  limits: Limits
  log: Log
  metrics: Metrics
  /** Rejects while Temporal is away. */
  pingTemporal: () => Promise<void>
  /** Aborted when the server has been told to stop: it still answers, and asks callers to go elsewhere. */
  leaving: AbortSignal
}

/** What procedures are called with; rejects when the token is not good. */
export type ContextOf = (authorization: string | undefined, requestId: string) => Promise<Context>
