/** The actor named as the requester of a refund when the buyer withdraws from a purchase. */
export const WITHDRAWAL_ACTOR = 'withdrawal'
