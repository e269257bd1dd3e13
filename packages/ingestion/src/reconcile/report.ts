/** Metrics start each of these at 0. */
export const driftKinds = ['missing_event', 'unapplied_event', 'stopped_purchase', 'stopped_refund', 'uncovered_payment'] as const
export type DriftKind = (typeof driftKinds)[number]

/** Something that a webhook or a workflow should have done but has not. */
export interface Drift {
  /**
   * `missing_event`: Stripe has it, but the ledger does not. `unapplied_event`: the ledger has it, but it has not been applied to its purchase.
   * `stopped_purchase`: it is waiting for its payment and no workflow runs. `stopped_refund`: it was requested and no workflow runs.
   * `uncovered_payment`: it gives no access because the user already had it, and that access has expired.
   */
  kind: DriftKind
  /** The id of the event or of the purchase. */
  id: string
  /** For the operator. */
  detail: string
}

export interface ReconcileReport {
  /** Number of Stripe events compared. */
  events: number
  /** Repaired, unless it was a dry run. */
  drift: Drift[]
  /** Events that lack required fields: they cannot be ingested, only reported. */
  unreadable: { id: string; type: string }[]
}
