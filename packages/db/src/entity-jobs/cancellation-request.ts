const prefix = 'cancel-'

/**
 * Returns the id of the refund request for a purchase of a canceled entity. The id depends only on the entity, so a payment is never
 * refunded twice. For another payment of the same purchase, the caller appends the payment's id.
 */
export const cancellationRequestId = (entityId: string): string => `${prefix}${entityId}`

export const isCancellationRequest = (requestId: string): boolean => requestId.startsWith(prefix)
