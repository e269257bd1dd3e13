/** All rules of `npm run doctor`. docs/operations.md explains what a finding of each rule means and what to do about it. */
export const doctorRules = [
  // Rules that compare each purchase with its facts (check-purchases.ts).
  'facts_are_readable',
  'row_follows_from_facts',
  'refunds_follow_from_facts',
  'no_access_without_payment',
  'no_payment_without_access',
  'grant_start_follows_from_facts',
  'no_unused_payment',
  'sales_follow_from_facts',
  // Invariants across rows (check-tables.ts).
  'one_open_purchase',
  'refunded_within_paid',
  'no_double_payment',
  'canceled_events_are_refunded',
  'grants_match_their_purchases',
  'status_changes_are_audited',
  'containments_follow_from_memberships',
  'sales_rollups_follow_from_entries',
  'checkout_rollups_follow_from_purchases',
  'payouts_add_up',
  'constraints_exist',
  'balance_transactions_are_recorded',
  'events_are_applied',
  'refund_requests_are_executed',
  'checkouts_end',
  'entity_jobs_end',
  'webhook_messages_are_dispatched',
  'webhook_messages_are_tried',
  'payments_settle',
  // Rules that `npm run doctor` checks outside this package (apps/ops).
  'purchase_matches_stripe',
  'refunded_amount_matches_stripe',
  'payment_exists_at_stripe',
  'payment_amount_matches_stripe',
  'session_has_purchase',
  'playback_providers_have_keys',
] as const

export type DoctorRule = (typeof doctorRules)[number]

/** A violated invariant. `broken` means that money or access is wrong. `late` means that something should have happened by now. */
export interface Finding {
  level: 'broken' | 'late'
  rule: DoctorRule
  /** The id of what is affected, such as a purchase, an event or an entity. */
  id: string
  detail: string
}
