import type { AccessMessageType, GrantSource } from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'
import { type GrantTimesRow, periodOf } from '../grants/grant-times.ts'
import { noticeEmails } from './email-messages.ts'
import { type NewMessage, recordMessages } from './record-messages.ts'

/** A grant as it appears in messages. */
export interface MessageGrant {
  id: string
  userId: string
  entityId: string
  source: GrantSource
  /** Null if the grant does not come from a purchase. */
  purchaseId: string | null
  startsAt: Date
  /** When access from this grant ends, or ended because the grant was revoked; null for permanent access. */
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

/** A grant row read together with its entity. */
type WrittenGrant = Omit<MessageGrant, 'startsAt' | 'expiresAt'> &
  GrantTimesRow & { revokedAt: Date | null; entity: { availableFrom: Date | null } }

/** Returns the messages about a grant, or none if the grant had already expired when it was created. */
const grantMessages = async (
  tx: Prisma.TransactionClient,
  type: AccessMessageType,
  { entity, ...grant }: WrittenGrant,
): Promise<NewMessage[]> => {
  const { startsAt, expiresAt } = periodOf(grant, entity.availableFrom)
  if (type === 'access.granted' && expiresAt !== null && expiresAt <= new Date()) return []
  const [access] = await tx.$queryRaw<{ exists: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM access_periods(${grant.userId}, ${grant.entityId}, clock_timestamp()) WHERE starts_at <= clock_timestamp()
    )`
  const message = accessMessage(type, { ...grant, startsAt, expiresAt: grant.revokedAt ?? expiresAt }, access?.exists === true)
  return [message, ...(type === 'access.revoked' ? [] : noticeEmails({ ...grant, startsAt, expiresAt }, new Date()))]
}

/**
 * Records a message about a grant that the current transaction has written. `hasAccess` takes all of the user's grants into account, so it
 * may stay true when one of several grants is revoked. No message is recorded when access merely expires. The caller holds the user's lock.
 */
export const recordGrantMessage = (tx: Prisma.TransactionClient, type: AccessMessageType, grant: WrittenGrant): Promise<void> =>
  recordMessages(tx, () => grantMessages(tx, type, grant))

/** Like `recordGrantMessage`, but for a purchase's grant, which is read only if an endpoint is enabled. */
export const recordPurchaseAccessMessage = (
  tx: Prisma.TransactionClient,
  { type, purchaseId }: { type: AccessMessageType; purchaseId: string },
): Promise<void> =>
  recordMessages(tx, async () => {
    const include = { entity: { select: { availableFrom: true } } }
    return grantMessages(tx, type, await tx.grant.findUniqueOrThrow({ where: { purchaseId }, include }))
  })
