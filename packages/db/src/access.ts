import type { Prisma } from './generated/client.ts'

type Tx = Prisma.TransactionClient

/** The channel on which a change of access is told: `{"userId","entityId"}`. A hint; whoever hears it reads the grants. */
export const accessChannel = 'access'

/** Inserting attempts and applying facts for one user happen one after the other, whatever the process, until the transaction ends. */
export const lockUser = async (tx: Tx, userId: string): Promise<void> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`
}

/** The entities whose grant opens this one: itself and, for a video, its channel. */
export const grantingEntityIds = (entity: { id: string; channelId: string | null }): string[] =>
  entity.channelId === null ? [entity.id] : [entity.id, entity.channelId]

/** Whether a grant gives access now. */
export const isActiveGrant = (grant: { endedAt: Date | null; expiresAt: Date | null } | null): boolean =>
  grant !== null && grant.endedAt === null && (grant.expiresAt === null || grant.expiresAt > new Date())

/** The same, asked of the database. */
export const activeGrants = (now: Date) =>
  ({ endedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] }) satisfies Prisma.GrantWhereInput

/** Listeners hear of it when the transaction commits, and only then. */
export const notifyAccess = async (tx: Tx, userId: string, entityId: string): Promise<void> => {
  await tx.$executeRaw`SELECT notify_access(${userId}, ${entityId})`
}

/** Gives access by a purchase, or gives it back, and tells who listens. Under the user's lock. */
export const grantAccess = async (
  tx: Tx,
  { purchaseId, userId, entityId, expiresAt }: { purchaseId: string; userId: string; entityId: string; expiresAt: Date | null },
): Promise<void> => {
  await tx.$executeRaw`SELECT grant_access(${purchaseId}, ${userId}, ${entityId}, ${expiresAt}::timestamptz)`
}
