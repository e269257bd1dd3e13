import type { AccessHints, Authenticator, Context } from '@pay-to-view/api'
import type { Reads } from '@pay-to-view/db'
import type { Door } from '@pay-to-view/temporal/door'
import type { FastifyBaseLogger } from 'fastify'

export interface ServerDeps {
  authenticate: Authenticator
  reads: Reads
  purchases: Context['purchases']
  operator: Context['operator']
  linksOf: Context['linksOf']
  accessHints: AccessHints
  playback: Context['playback']
  door: Door
  webhookSecrets: readonly string[]
  webOrigins: readonly string[]
  log: FastifyBaseLogger
  /** Rejects while Temporal is away. */
  pingTemporal: () => Promise<void>
}

/** What procedures are called with; rejects when the token is not good. */
export type ContextOf = (authorization: string | undefined, requestId: string) => Promise<Context>
