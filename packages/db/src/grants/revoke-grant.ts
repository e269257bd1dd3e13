import type { Db } from '../client.ts'
import { lockGrant, recordGrantChange } from './change-grant.ts'
import { type GrantDetails, grantColumns, toGrantDetails } from './grant-details.ts'

export type RevokeResult =
  | { grant: GrantDetails }
  | 'grant_not_found'
  | /** Purchased access ends with a refund. */ 'refund_instead'

/** Revokes complimentary or imported access. A grant that was already revoked is returned as it is. */
export const revokeGrant = (db: Db, id: string, { reason, by }: { reason: string; by: string }): Promise<RevokeResult> =>
  db.$transaction(async (tx) => {
    const row = await lockGrant(tx, id)
    if (!row) return 'grant_not_found'
    if (row.source === 'purchase') return 'refund_instead'
    const before = toGrantDetails(row)
    if (row.revokedAt !== null) return { grant: before }
    const after = await tx.grant.update({
      where: { id },
      data: { revokedAt: new Date(), revokedBy: by, revokedReason: reason },
      select: grantColumns,
    })
    return { grant: await recordGrantChange(tx, 'access.revoked', { before, after, by }) }
  })
