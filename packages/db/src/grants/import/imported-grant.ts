import { maxAccessMs, maxAccessYears } from '@pay-to-view/purchase'
import type { Grant } from '../../generated/client.ts'

/** A row of an import file. For an existing grant, undefined keeps a value and null clears it. */
export interface ImportedGrant {
  /** The row's line number in the file. */
  line: number
  userId: string
  entityId: string
  startsAt: Date | undefined
  expiresAt: Date | null | undefined
  /** The id of the access in the system that it is imported from. A reference identifies the same grant in every import. */
  reference: string
  reason: string | null | undefined
}

export type GrantImportResult =
  | { result: 'created' | 'updated' | 'unchanged' | 'revoked'; hasEnded: boolean }
  | { result: 'failed'; column: string; message: string }

/** The values of a grant after the import. */
export interface WantedGrant {
  startsAt: Date
  expiresAt: Date | null
  reason: string | null
}

const failed = (column: string, message: string): GrantImportResult => ({ result: 'failed', column, message })

const isSame = (before: WantedGrant, after: WantedGrant): boolean =>
  before.startsAt.getTime() === after.startsAt.getTime() &&
  before.expiresAt?.getTime() === after.expiresAt?.getTime() &&
  before.reason === after.reason

/** The existing grant that a row names, with its current start and expiry. */
export type ExistingGrant = Pick<
  Grant,
  'id' | 'source' | 'userId' | 'entityId' | 'startsAt' | 'expiresAt' | 'reason' | 'revokedAt'
>

/**
 * Decides how an import row changes the grant that the row names. A revoked grant stays revoked and is not changed. A row can also name
 * purchased or complimentary access by its grant id, as exports do. Such a row changes nothing, because imported access would outlast a
 * refund.
 */
export const decideImport = (
  row: ImportedGrant,
  existing: ExistingGrant | undefined,
  { entityExists, now }: { entityExists: boolean; now: Date },
): { result: GrantImportResult; wanted?: WantedGrant } => {
  if (existing && (existing.userId !== row.userId || existing.entityId !== row.entityId)) {
    const owner = `user ${existing.userId} and entity ${existing.entityId}`
    const column = existing.userId === row.userId ? 'entity' : 'user'
    return { result: failed(column, `The reference ${row.reference} belongs to ${owner}. Expected another reference`) }
  }
  if (!existing && !entityExists)
    return { result: failed('entity', `There is no entity ${row.entityId}. Import the catalog first`) }
  const wanted = {
    startsAt: row.startsAt ?? existing?.startsAt ?? now,
    expiresAt: row.expiresAt === undefined ? (existing?.expiresAt ?? null) : row.expiresAt,
    reason: row.reason === undefined ? (existing?.reason ?? null) : row.reason,
  }
  const lengthMs = wanted.expiresAt === null ? null : wanted.expiresAt.getTime() - wanted.startsAt.getTime()
  if (lengthMs !== null && lengthMs <= 0) {
    const start = row.startsAt
      ? `"starts" (${wanted.startsAt.toISOString()})`
      : `the start of access (${wanted.startsAt.toISOString()})`
    const hint = row.startsAt || existing ? '' : '. For access that has ended, write its start in "starts"'
    return { result: failed('ends', `Expected a time after ${start}${hint}`) }
  }
  if (lengthMs !== null && lengthMs > maxAccessMs) {
    return {
      result: failed('ends', `Expected a time at most ${maxAccessYears} years after "starts". Write null for permanent access`),
    }
  }
  const hasEnded = wanted.expiresAt !== null && wanted.expiresAt <= now
  if (existing?.revokedAt) return { result: { result: 'revoked', hasEnded } }
  if (!existing) return { result: { result: 'created', hasEnded }, wanted }
  if (isSame(existing, wanted)) return { result: { result: 'unchanged', hasEnded } }
  if (existing.source !== 'import') {
    const message = `${existing.id} was not imported (source: ${existing.source}). Change it with PATCH /admin/v1/pay-to-view/grants/${existing.id}`
    return { result: failed('reference', message) }
  }
  return { result: { result: 'updated', hasEnded }, wanted }
}
