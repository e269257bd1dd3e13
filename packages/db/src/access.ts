import { typeid } from 'typeid-js'
import type { Prisma } from './generated/client.ts'

type Tx = Prisma.TransactionClient

/**
 * The Postgres NOTIFY channel for access changes. The payload is `{"userId","entityId"}`. The SQL function `notify_access` uses the same
 * channel name. Listeners read the grants again, so lost or repeated notifications do no harm.
 */
export const accessChannel = 'access'

/**
 * Locks a user until the transaction ends. The lock serializes the creation of the user's purchases and the application of facts to them.
 */
export const lockUser = async (tx: Tx, userId: string): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`
}

/** Locks several users. Every transaction locks users in the same order, so two transactions never deadlock. */
export const lockUsers = async (tx: Tx, userIds: readonly string[]): Promise<void> => {
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(key)
    FROM (SELECT DISTINCT hashtextextended(user_id, 0) AS key FROM unnest(${[...userIds]}::text[]) AS user_id ORDER BY key) AS keys`
}

/** Notifies the listeners of a user's access when the transaction commits. */
export const notifyAccess = async (tx: Tx, userId: string, entityId: string): Promise<void> => {
  await tx.$executeRaw`SELECT notify_access(${userId}, ${entityId})`
}

export const newGrantId = (): string => typeid('grant').toString()

/** Grants or restores a purchase's access and notifies the listeners. The caller holds the user's lock. */
export const grantAccess = async (tx: Tx, purchaseId: string, startsAt: Date): Promise<void> => {
  await tx.$executeRaw`SELECT grant_access(${newGrantId()}, ${purchaseId}, ${startsAt}::timestamptz)`
}
