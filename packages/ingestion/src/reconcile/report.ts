/** The kinds of drift. The metric of each kind starts at 0. */
export const driftKinds = ['missing_event', 'unapplied_event', 'stopped_purchase', 'stopped_refund', 'uncovered_payment'] as const
export type DriftKind = (typeof driftKinds)[number]

/** Work that a webhook or a workflow should have done but has not. */
export interface Drift {
  /**
   * `missing_event`: the event is in Stripe but not in the ledger. `unapplied_event`: the event is in the ledger but has not been applied
   * to its purchase. `stopped_purchase`: the purchase is pending but has no running workflow. `stopped_refund`: the refund was requested
   * but no workflow is running. `uncovered_payment`: the payment gave no access because the user already had it, and that access has
   * ended.
   */
  kind: DriftKind
  /** The id of the event or of the purchase. */
  id: string
  /** Details for the operator. */
  detail: string
}

export interface ReconcileReport {
  /** The number of Stripe events that were compared. */
  events: number
  /** The drift that was found. It was also repaired, unless this was a dry run. */
  drift: Drift[]
  /** Events that lack required fields. They cannot be ingested, only reported. */
  unreadable: { id: string; type: string }[]
}
