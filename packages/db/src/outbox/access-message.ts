import type { AccessMessageType, GrantSource } from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'
import { type GrantTimesRow, periodOf } from '../grants/grant-times.ts'
import { type NewMessage, recordMessages } from './record-messages.ts'

/** A grant as the messages show it. */
export interface MessageGrant {
  id: string
  userId: string
  entityId: string
  source: GrantSource
  /** Null for a grant that no purchase has given. */
  purchaseId: string | null
  startsAt: Date
  /** When the access of this grant ends, or when it was revoked; null for permanent access. */
  expiresAt: Date | null
}

export const accessMessage = (type: AccessMessageType, grant: MessageGrant, hasAccess: boolean): NewMessage => ({
  type,
  userId: grant.userId,
  purchaseId: grant.purchaseId,
  data: {
    userId: grant.userId,
    entityId: grant.entityId,
    hasAccess,
    startsAt: grant.startsAt.toISOString(),
    expiresAt: grant.expiresAt?.toISOString() ?? null,
    source: grant.source,
    purchaseId: grant.purchaseId,
    grantId: grant.id,
  },
})

/**
 * Records a message about a grant that this transaction has written. `hasAccess` counts all grants of the user, so it may stay true when one
 * of several is revoked. The passing of time alone sends nothing. The caller holds the user's lock.
 */
export const recordAccessMessage = (
  tx: Prisma.TransactionClient,
  { type, grant }: { type: AccessMessageType; grant: MessageGrant },
): Promise<void> =>
  recordMessages(tx, async () => {
    const [access] = await tx.$queryRaw<{ exists: boolean }[]>`
      SELECT EXISTS (
        SELECT FROM access_periods(${grant.userId}, ${grant.entityId}, clock_timestamp()) WHERE starts_at <= clock_timestamp()
      )`
    return [accessMessage(type, grant, access?.exists === true)]
  })

/** The same for the grant of a purchase. Nothing is recorded for a grant that had already expired when it was given. */
export const recordPurchaseAccessMessage = async (
  tx: Prisma.TransactionClient,
  { type, purchaseId }: { type: AccessMessageType; purchaseId: string },
): Promise<void> => {
  const grant = await tx.grant.findUniqueOrThrow({
    where: { purchaseId },
    include: { entity: { select: { availableFrom: true } } },
  })
  await recordGrantMessage(tx, type, grant)
}

/** The same for a grant that was read with its entity. */
export const recordGrantMessage = async (
  tx: Prisma.TransactionClient,
  type: AccessMessageType,
  {
    entity,
    ...grant
  }: Omit<MessageGrant, 'startsAt' | 'expiresAt'> &
    GrantTimesRow & { revokedAt: Date | null; entity: { availableFrom: Date | null } },
): Promise<void> => {
  const { startsAt, expiresAt } = periodOf(grant, entity.availableFrom)
  if (type === 'access.granted' && expiresAt !== null && expiresAt <= new Date()) return
  await recordAccessMessage(tx, { type, grant: { ...grant, startsAt, expiresAt: grant.revokedAt ?? expiresAt } })
}
