import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

type Tx = Prisma.TransactionClient

/**
 * The channel of Postgres's NOTIFY for changes to access, with `{"userId","entityId"}` as payload. The SQL function `notify_access` uses the same
 * name. Listeners read the grants again, so a notification may be lost or repeated.
 */
export const accessChannel = 'access'

/** Locks a user until the transaction ends, so that purchases are created and facts applied one after the other. */
export const lockUser = async (tx: Tx, userId: string): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`
}

/** The same as the SQL function `is_active_grant`, for a row that was read. */
export const isActiveGrant = (grant: { endedAt: Date | null; expiresAt: Date | null } | null, at = new Date()): boolean =>
  grant !== null && grant.endedAt === null && (grant.expiresAt === null || grant.expiresAt > at)

/** Whether an active grant of another purchase gives a user access to an entity. */
export const isCoveredByOther = async (
  tx: Db | Tx,
  { id, userId, entityId }: { id: string; userId: string; entityId: string },
  at: Date,
): Promise<boolean> => {
  const [row] = await tx.$queryRaw<{ covered: boolean }[]>`
    SELECT EXISTS (SELECT FROM active_grants(${userId}, ${entityId}, ${at}) WHERE purchase_id <> ${id}) AS covered`
  return row?.covered === true
}

/** The active grants of a user, in the order of their purchases' ids. */
export const readActiveGrants = (
  tx: Tx,
  userId: string,
): Promise<{ purchaseId: string; entityId: string; expiresAt: Date | null }[]> =>
  tx.$queryRaw`
    SELECT purchase_id AS "purchaseId", entity_id AS "entityId", expires_at AS "expiresAt" FROM grants
    WHERE user_id = ${userId} AND is_active_grant(grants, ${new Date()})
    ORDER BY purchase_id`

/** The purchases that give a user access to members of a container, ordered by id. */
export const purchasesOfMembers = async (tx: Tx, userId: string, containerId: string): Promise<string[]> => {
  const rows = await tx.$queryRaw<{ purchaseId: string }[]>`
    SELECT purchase_id AS "purchaseId" FROM grants
    WHERE user_id = ${userId} AND is_active_grant(grants, ${new Date()}) AND EXISTS (
      SELECT FROM containments WHERE member_id = grants.entity_id AND container_id = ${containerId} AND removed_at IS NULL
    )
    ORDER BY purchase_id`
  return rows.map(({ purchaseId }) => purchaseId)
}

/** Notifies the listeners of a user's access when the transaction commits. */
export const notifyAccess = async (tx: Tx, userId: string, entityId: string): Promise<void> => {
  await tx.$executeRaw`SELECT notify_access(${userId}, ${entityId})`
}

/** Grants, or restores, the access of a purchase and notifies the listeners. The caller holds the user's lock. */
export const grantAccess = async (
  tx: Tx,
  { purchaseId, userId, entityId, expiresAt }: { purchaseId: string; userId: string; entityId: string; expiresAt: Date | null },
): Promise<void> => {
  await tx.$executeRaw`SELECT grant_access(${purchaseId}, ${userId}, ${entityId}, ${expiresAt}::timestamptz)`
}
