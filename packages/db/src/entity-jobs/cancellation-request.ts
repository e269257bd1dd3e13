/** The id of the refund request that a canceled entity makes for a purchase: a fixed one, so that each payment is refunded once. */
export const cancellationRequestId = (entityId: string): string => `cancel-${entityId}`
