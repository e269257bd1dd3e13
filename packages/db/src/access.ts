import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

type Tx = Prisma.TransactionClient

/**
 * The channel of Postgres's NOTIFY for changes of access, with `{"userId","entityId"}` as payload. The SQL function `notify_access` uses the
 * same name. Listeners read the grants again, so a notification may be lost or repeated.
 */
export const accessChannel = 'access'

/** Locks a user until the transaction ends, so that purchases are created and facts applied one after the other. */
export const lockUser = async (tx: Tx, userId: string): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`
}

/** The entities whose grants give access to this one: itself and, for a video, its channel. */
export const grantingEntityIds = (entity: { id: string; channelId: string | null }): string[] =>
  entity.channelId === null ? [entity.id] : [entity.id, entity.channelId]

/** The same as the SQL function `is_active_grant`, for a row that was read. */
export const isActiveGrant = (grant: { endedAt: Date | null; expiresAt: Date | null } | null, at = new Date()): boolean =>
  grant !== null && grant.endedAt === null && (grant.expiresAt === null || grant.expiresAt > at)

/** Whether an active grant of another purchase gives a user access to an entity. */
export const isCoveredByOther = async (
  tx: Db | Tx,
  { id, userId, entity }: { id: string; userId: string; entity: { id: string; channelId: string | null } },
  at: Date,
): Promise<boolean> => {
  const [row] = await tx.$queryRaw<{ covered: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM grants
      WHERE user_id = ${userId} AND entity_id = ANY (${grantingEntityIds(entity)}) AND purchase_id <> ${id} AND is_active_grant(grants, ${at})
    ) AS covered`
  return row?.covered === true
}

export interface ActiveGrant {
  purchaseId: string
  entityId: string
  /** The channel of the entity, if it is a video. */
  channelId: string | null
  expiresAt: Date | null
}

/** The active grants of a user, in the order of their purchases' ids. */
export const readActiveGrants = (tx: Tx, userId: string): Promise<ActiveGrant[]> =>
  tx.$queryRaw`
    SELECT purchase_id AS "purchaseId", entity_id AS "entityId", channel_id AS "channelId", expires_at AS "expiresAt"
    FROM grants JOIN entities ON entities.id = entity_id
    WHERE user_id = ${userId} AND is_active_grant(grants, ${new Date()})
    ORDER BY purchase_id`

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
