import type { Access } from '@pay-to-view/purchase'
import { ApiError } from '../errors.ts'

/** The error for a user who may not play an entity now. If the user has bought access that starts later, the error contains the start time. */
export const noAccess = (access: Pick<Access, 'hasAccess' | 'startsAt'> | null): ApiError => {
  if (access === null || access.hasAccess) return new ApiError('no_access', { field: 'entityId' })
  const startsAt = access.startsAt.toISOString()
  return new ApiError('not_started', {
    field: 'entityId',
    message: `Access starts at ${startsAt}`,
    extensions: { startsAt },
  })
}
