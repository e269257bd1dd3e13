import type { Db } from '@pay-to-view/db'
import type { StripeGateway } from '@pay-to-view/stripe'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { StageEvidence } from '../disputes/stage-evidence.ts'
import type { EventIngestor } from '../ingest.ts'
import type { Failure } from './incomplete-error.ts'
import type { Drift } from './report.ts'

export interface ReconcileDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
  ingestor: EventIngestor
  /** Assembles the evidence of a dispute; undefined: no evidence is assembled. */
  stageEvidence?: StageEvidence
  /** Age below which an event is left to its webhook. */
  graceSeconds: number
  /** How long the parsed content of events is kept; undefined: indefinitely. */
  retentionDays?: number
  /** How long messages to webhook endpoints are kept; undefined: indefinitely. */
  messageRetentionDays?: number
  /** How long the play log is kept; undefined: indefinitely. */
  playRetentionDays?: number
}

export interface ReconcileScope {
  /** The oldest and the newest event to compare: seconds since the epoch, both included. */
  since: number
  until: number
  /** Reports drift without repairing it. */
  dryRun: boolean
  /** Called after each page of events with the number compared so far: the heartbeat of a long run. */
  onProgress?: (comparedEvents: number) => void
  /** Called with the time up to which the ledger holds all of Stripe's events, so that a run that is stopped keeps its progress. */
  onCompared?: (until: number) => Promise<void>
  /** The parsed content of events that were received earlier is cleared; undefined: nothing is cleared. */
  clearEventsBefore?: Date
  /** Messages to webhook endpoints that were recorded earlier are deleted; undefined: nothing is deleted. */
  deleteMessagesBefore?: Date
  /** Rows of the play log that began earlier are deleted; undefined: nothing is deleted. */
  deletePlaysBefore?: Date
  /** Called after each step with its failures. */
  onStepEnd?: (step: string, failures: readonly Failure[]) => Promise<void>
  /** Called for each drift as soon as it is repaired (in a dry run: found), so that it is reported even if the run fails later. */
  onDrift?: (drift: Drift) => void
  /** Stops the run. */
  signal?: AbortSignal
}
