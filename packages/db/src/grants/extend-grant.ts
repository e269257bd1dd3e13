import { maxAccessMs } from '@pay-to-view/purchase'
import type { ChangeCause } from '@pay-to-view/workflow-client/types'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { lockGrant, recordGrantChange } from './change-grant.ts'
import { type GrantDetails, type GrantRow, grantColumns, toGrantDetails } from './grant-details.ts'

export type ExtendResult =
  | { grant: GrantDetails }
  | 'grant_not_found'
  /** A revoked grant cannot be extended. */
  | 'grant_revoked'
  /** Purchased access cannot be shortened or made permanent. */
  | { purchasedUntil: Date | null }
  /** The access would be longer than `maxAccessYears`. */
  | { maxExpiresAt: Date }
  /** The requested expiry is not after the start. */
  | { startsAt: Date }

/** Returns the latest expiry that access with the given start can have. */
export const maxExpiry = ({ startsAt }: Pick<GrantDetails, 'startsAt'>): Date => new Date(startsAt.getTime() + maxAccessMs)

/** The columns that an extension sets. Purchased access keeps its original length; the extension is stored separately. */
const extendedColumns = ({ source }: GrantRow, expiresAt: Date | null, now: Date): Prisma.GrantUpdateInput =>
  source === 'purchase' ? { extendedUntil: expiresAt, extendedAt: now } : { expiresAt }

const addExtensionToTimeline = async (
  tx: Prisma.TransactionClient,
  purchaseId: string,
  by: string,
  expiresAt: Date,
): Promise<void> => {
  const { status } = await tx.purchase.findUniqueOrThrow({ where: { id: purchaseId }, select: { status: true } })
  const cause: ChangeCause = { kind: 'access_extended', by }
  await tx.change.create({
    data: { purchaseId, fromStatus: status, toStatus: status, cause, note: `access extended until ${expiresAt.toISOString()}` },
  })
}

/** Sets the expiry of a grant that was read by `lockGrant`. The caller has checked that the change is allowed. */
export const extendLockedGrant = async (
  tx: Prisma.TransactionClient,
  row: GrantRow,
  { expiresAt, by }: { expiresAt: Date | null; by: string },
): Promise<GrantDetails> => {
  const data = extendedColumns(row, expiresAt, new Date())
  const after = await tx.grant.update({ where: { id: row.id }, data, select: grantColumns })
  if (row.purchaseId !== null && expiresAt !== null) await addExtensionToTimeline(tx, row.purchaseId, by, expiresAt)
  return recordGrantChange(tx, 'access.changed', { before: toGrantDetails(row), after, by })
}

/**
 * Sets the expiry of a grant, even if it has already expired. Null makes complimentary or imported access permanent. Purchased access can
 * only be extended. For a rental that has not been started, an extension moves the deadline for starting it.
 */
export const extendGrant = (
  db: Db,
  id: string,
  { expiresAt, by }: { expiresAt: Date | null; by: string },
): Promise<ExtendResult> =>
  db.$transaction(async (tx) => {
    const row = await lockGrant(tx, id)
    if (!row) return 'grant_not_found'
    if (row.revokedAt !== null) return 'grant_revoked'
    const before = toGrantDetails(row)
    if (before.expiresAt?.getTime() === expiresAt?.getTime()) return { grant: before }
    if (expiresAt !== null && expiresAt <= before.startsAt) return { startsAt: before.startsAt }
    if (expiresAt !== null && expiresAt > maxExpiry(before)) return { maxExpiresAt: maxExpiry(before) }
    const isExtension = before.expiresAt !== null && expiresAt !== null && expiresAt > before.expiresAt
    if (before.source === 'purchase' && !isExtension) return { purchasedUntil: before.expiresAt }
    return { grant: await extendLockedGrant(tx, row, { expiresAt, by }) }
  })
