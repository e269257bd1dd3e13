import {
  type ComplimentaryGrant,
  type Db,
  type ExtendResult,
  extendGrant,
  findRepeatedGrant,
  type GrantDetails,
  grantComplimentaryAccess,
  revokeGrant,
} from '@pay-to-view/db'
import { maxAccessYears } from '@pay-to-view/purchase'
import { ApiError } from '../errors.ts'
import { requireFuture } from './require-future.ts'

const extensionError = (result: Exclude<ExtendResult, { grant: GrantDetails } | string>, requested: Date | null): ApiError => {
  if ('maxExpiresAt' in result)
    return new ApiError('validation', {
      field: 'expiresAt',
      message: `Expected a time within ${maxAccessYears} years after the start of access, at the latest ${result.maxExpiresAt.toISOString()}`,
    })
  if ('startsAt' in result)
    return new ApiError('validation', {
      field: 'expiresAt',
      message: `Expected a time after the start of access (${result.startsAt.toISOString()})`,
    })
  const { purchasedUntil } = result
  if (purchasedUntil !== null && requested === null)
    return new ApiError('validation', {
      field: 'expiresAt',
      message: 'Expected a time: purchased access cannot be made permanent. Grant permanent complimentary access instead',
    })
  return new ApiError('validation', {
    field: 'expiresAt',
    message:
      purchasedUntil === null
        ? 'The access of this purchase is permanent and cannot be changed'
        : `Expected a time after the current expiry (${purchasedUntil.toISOString()}), because purchased access can only be extended`,
  })
}

/** The operator's changes to grants. The commands throw `ApiError`s. */
export const createGrantCommands = (db: Db) => ({
  grantAccess: async (requested: ComplimentaryGrant): Promise<GrantDetails> => {
    const repetition = await findRepeatedGrant(db, requested)
    if (!repetition) requireFuture(requested.expiresAt)
    const result = repetition ?? (await grantComplimentaryAccess(db, requested))
    if (result === 'entity_not_found')
      throw new ApiError('validation', { field: 'entityId', message: 'Expected the id of an entity in the catalog' })
    if (result === 'conflict') throw new ApiError('idempotency_conflict', { field: 'idempotencyKey' })
    return result.grant
  },

  extendGrant: async (id: string, expiresAt: Date | null, by: string): Promise<GrantDetails> => {
    const result = await extendGrant(db, id, { expiresAt, by })
    if (typeof result === 'string') throw new ApiError(result, { field: 'grantId' })
    if ('grant' in result) return result.grant
    throw extensionError(result, expiresAt)
  },

  revokeGrant: async (id: string, reason: string, by: string): Promise<GrantDetails> => {
    const result = await revokeGrant(db, id, { reason, by })
    if (typeof result === 'string') throw new ApiError(result, { field: 'grantId' })
    return result.grant
  },
})
