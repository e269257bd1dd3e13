/**
 * The actor name for changes that pay-to-view itself makes. For example, it requests refunds of duplicate payments, revokes the access of
 * refunded or disputed purchases, and resolves alerts.
 */
export const SYSTEM_ACTOR = 'pay-to-view'
