/** The requester of refunds of purchases that their buyers have withdrawn from. */
export const WITHDRAWAL_ACTOR = 'withdrawal'
