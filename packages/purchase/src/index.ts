/**
 * The rules of a purchase. Pure: no dependency, no clock, no I/O. Every decision about a status is made here.
 *
 * - **entity**: a video, a channel or another piece of content. Access to a channel opens its videos.
 * - **product**: a price and a length of access under which entities are offered.
 * - **purchase**: one attempt of one user to buy access to one entity, from creation to its last refund.
 * - **quote**: what was agreed at creation: user, entity, price, length of access.
 * - **snapshot**, **facts**: what Stripe told us about one object at one time; what counts of all it told us.
 * - **projection**: what follows from the facts: status, money, times.
 * - **grant**: the access of a user to an entity that a purchase gives.
 * - **settlement**: what a projection means for the grant, given the user's other purchases.
 */
export * from './facts.ts'
export * from './ids.ts'
export * from './lifecycle.ts'
export * from './money.ts'
export * from './project.ts'
export * from './refund.ts'
export * from './settle.ts'
export * from './text.ts'
