import type { AccessMessageType } from '@pay-to-view/purchase'
import { lockUser, notifyAccess } from '../access.ts'
import { recordAudit } from '../audit.ts'
import type { Prisma } from '../generated/client.ts'
import { recordGrantMessage } from '../outbox/access-message.ts'
import { alignRenewals } from './align-renewals.ts'
import { type GrantDetails, type GrantRow, grantColumns, grantRecord, toGrantDetails } from './grant-details.ts'

type Tx = Prisma.TransactionClient

/** Locks a grant's user until the transaction ends, and reads the grant. Returns null if the grant does not exist. */
export const lockGrant = async (tx: Tx, id: string): Promise<GrantRow | null> => {
  const owner = await tx.grant.findUnique({ where: { id }, select: { userId: true } })
  if (!owner) return null
  await lockUser(tx, owner.userId)
  return tx.grant.findUnique({ where: { id }, select: grantColumns })
}

/**
 * Completes an operator's change to a grant: writes to the audit log, records messages, notifies open pages and moves renewals of the
 * access. The caller holds the user's lock.
 */
export const recordGrantChange = async (
  tx: Tx,
  type: AccessMessageType,
  { before, after, by }: { before: GrantDetails | null; after: GrantRow; by: string },
): Promise<GrantDetails> => {
  const details = toGrantDetails(after)
  const { id, userId, entityId } = details
  await recordAudit(tx, {
    actor: by,
    action: `grant.${before === null ? 'created' : type === 'access.revoked' ? 'revoked' : 'extended'}`,
    subjectId: id,
    before: before && grantRecord(before),
    after: grantRecord(details),
  })
  await notifyAccess(tx, userId, entityId)
  await recordGrantMessage(tx, type, after)
  await alignRenewals(tx, userId, new Date())
  return details
}
