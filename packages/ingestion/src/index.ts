/**
 * The path of a Stripe event. `isSigned` (packages/stripe) checks the signature, a handler in `events/` parses the event, the event ledger
 * records the event, and the event is dispatched: signaled to the workflow of its purchase. `reconcile/` finds and repairs events that were
 * lost on this path.
 */
export * from './disputes/stage-evidence.ts'
export * from './event-ledger.ts'
export * from './ingest.ts'
export * from './parse-event.ts'
export * from './parsed-event.ts'
export * from './reconcile/incomplete-error.ts'
export * from './reconcile/reconciler.ts'
export * from './reconcile/report.ts'
export * from './reconcile/retention.ts'
export * from './reconcile/scope.ts'
export * from './stripe-key-alert.ts'
export * from './validate-event.ts'
