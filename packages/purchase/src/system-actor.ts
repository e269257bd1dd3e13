/**
 * The actor name for changes by pay-to-view itself: it requests refunds of duplicate payments, revokes the access of refunded or disputed
 * purchases, and resolves alerts.
 */
export const SYSTEM_ACTOR = 'pay-to-view'
