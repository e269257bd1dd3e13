/**
 * The rules of a purchase, without dependencies, clock or I/O. All statuses are decided here. docs/glossary.md explains the terms. In
 * short, Stripe objects become **snapshots**, snapshots are merged into **facts**, and the facts and the **quote** determine the
 * **projection**: status, amounts and times. The **access decision** determines what happens to the grant, based on the projection and the
 * user's other grants.
 *
 * Workflow code imports single files, such as `@pay-to-view/purchase/money`, to keep the workflow bundle small.
 */
export * from './balance.ts'
export * from './calendar.ts'
export * from './cancel-entity.ts'
export * from './consent.ts'
export * from './decide-access.ts'
export * from './decide-refund.ts'
export * from './dispute-evidence.ts'
export * from './email-messages.ts'
export * from './facts.ts'
export * from './grant.ts'
export * from './ids.ts'
export * from './lifecycle.ts'
export * from './money.ts'
export * from './playback.ts'
export * from './project.ts'
export * from './promotion-code.ts'
export * from './sale.ts'
export * from './sales.ts'
export * from './system-actor.ts'
export * from './text.ts'
export * from './totals.ts'
export * from './webhook-messages.ts'
export * from './withdrawal.ts'
export * from './workflow-ids.ts'
