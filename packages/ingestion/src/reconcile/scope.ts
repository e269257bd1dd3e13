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
  /** Assembles the evidence for a dispute; if undefined, no evidence is assembled. */
  stageEvidence?: StageEvidence
  /** The age in seconds up to which an event is left to its webhook. */
  graceSeconds: number
  /** The number of days for which the parsed content of events is kept; undefined keeps it indefinitely. */
  retentionDays?: number
  /** The number of days for which messages to webhook endpoints are kept; undefined keeps them indefinitely. */
  messageRetentionDays?: number
  /** The number of days for which the play log is kept; undefined keeps it indefinitely. */
  playRetentionDays?: number
}

export interface ReconcileScope {
  /** The time span of events to compare, in seconds since the epoch, both ends included. */
  since: number
  until: number
  /** Reports drift without repairing it. */
  dryRun: boolean
  /** Called after each page of events with the number compared so far: the heartbeat of a long run. */
  onProgress?: (comparedEvents: number) => void
  /** Called with the time up to which the ledger contains all of Stripe's events, so a stopped run keeps its progress. */
  onCompared?: (until: number) => Promise<void>
  /** Clears the parsed content of events that were received before this time; undefined clears nothing. */
  clearEventsBefore?: Date
  /** Deletes messages to webhook endpoints that were recorded before this time; undefined deletes nothing. */
  deleteMessagesBefore?: Date
  /** Deletes plays that started before this time; undefined deletes nothing. */
  deletePlaysBefore?: Date
  /** Called after each step with its failures. */
  onStepEnd?: (step: string, failures: readonly Failure[]) => Promise<void>
  /** Called for each drift as soon as it is repaired (or, in a dry run, found), so that it is reported even if the run fails later. */
  onDrift?: (drift: Drift) => void
  /** Stops the run. */
  signal?: AbortSignal
}
