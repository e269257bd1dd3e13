/**
 * The rules of a purchase. Pure: no dependencies, no clock, no I/O. Every status is decided here. The terms are in docs/glossary.md; in
 * short, Stripe objects become **snapshots**, snapshots are merged into **facts**, and facts and **quote** determine the **projection**:
 * status, money and times. The **access decision** says what a projection means for the grant, given the user's other grants.
 *
 * Workflow code imports single files, such as `@pay-to-view/purchase/money`: its bundle should be small.
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
