import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { lockGrant, recordGrantChange } from './change-grant.ts'
import { type GrantDetails, type GrantRow, grantColumns, toGrantDetails } from './grant-details.ts'

export type RevokeResult =
  | { grant: GrantDetails }
  | 'grant_not_found'
  | /** Purchased access cannot be revoked; a refund ends it. */ 'refund_instead'

/** Revokes a grant that was read by `lockGrant`. */
export const revokeLockedGrant = async (
  tx: Prisma.TransactionClient,
  row: GrantRow,
  { reason, by }: { reason: string | null; by: string },
): Promise<GrantDetails> => {
  const data = { revokedAt: new Date(), revokedBy: by, revokedReason: reason }
  const after = await tx.grant.update({ where: { id: row.id }, data, select: grantColumns })
  return recordGrantChange(tx, 'access.revoked', { before: toGrantDetails(row), after, by })
}

/** Revokes complimentary or imported access. A grant that was already revoked is returned unchanged. */
export const revokeGrant = (db: Db, id: string, { reason, by }: { reason: string; by: string }): Promise<RevokeResult> =>
  db.$transaction(async (tx) => {
    const row = await lockGrant(tx, id)
    if (!row) return 'grant_not_found'
    if (row.source === 'purchase') return 'refund_instead'
    if (row.revokedAt !== null) return { grant: toGrantDetails(row) }
    return { grant: await revokeLockedGrant(tx, row, { reason, by }) }
  })
