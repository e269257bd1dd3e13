const prefix = 'cancel-'

/**
 * The id of the refund request that a canceled entity makes for a purchase: a fixed one, so that each payment is refunded once. A further payment of
 * the same purchase appends its own id.
 */
export const cancellationRequestId = (entityId: string): string => `${prefix}${entityId}`

export const isCancellationRequest = (requestId: string): boolean => requestId.startsWith(prefix)
