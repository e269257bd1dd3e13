const prefix = 'cancel-'

/**
 * The id of the refund request for a purchase of a canceled entity. It is fixed, so each payment is refunded only once. The request for
 * another payment of the same purchase appends the payment's id.
 */
export const cancellationRequestId = (entityId: string): string => `${prefix}${entityId}`

export const isCancellationRequest = (requestId: string): boolean => requestId.startsWith(prefix)
