import { ApiError } from '../errors.ts'

/**
 * Throws if a new request expires in the past. The input schemas cannot check this, because a repeated request is valid even if the time has
 * passed since the first request.
 */
export const requireFuture = (expiresAt: Date | null): void => {
  if (expiresAt !== null && expiresAt.getTime() <= Date.now())
    throw new ApiError('validation', { field: 'expiresAt', message: 'Expected a time in the future' })
}
