/**
 * The name under which pay-to-view itself is recorded: it requests the refunds of duplicate payments, revokes the access of a purchase
 * that was refunded or disputed, and closes alerts.
 */
export const SYSTEM_ACTOR = 'pay-to-view'
