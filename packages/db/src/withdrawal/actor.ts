/** The requester of a refund after the buyer has withdrawn from the purchase. */
export const WITHDRAWAL_ACTOR = 'withdrawal'
