import { checkoutLifetimeMs, isCoveredBy, isPreSold, type Quote, renewalStart, soldPeriod } from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'
import { type AccessPeriod, paidPeriodsOfOthers, readAccessPeriods } from './access-periods.ts'

type Tx = Prisma.TransactionClient

interface PaidPurchase extends Pick<Quote, 'userId' | 'entityId' | 'accessDurationDays' | 'rental' | 'isRenewal'> {
  id: string
  createdAt: Date
  entity: { availableFrom: Date | null }
}

/** Returns when a purchase's access would expire if it starts at the given time, or at the release if the entity is not available yet. */
export const expiryFrom = (purchase: PaidPurchase, startsAt: Date, now: Date): Date | null => {
  const { availableFrom } = purchase.entity
  return soldPeriod(purchase, startsAt, isPreSold(now, availableFrom) ? availableFrom : null).expiresAt
}

/**
 * Whether a purchase's payment is a duplicate because other purchases give the same access for at least as long. A renewal is never a
 * duplicate.
 */
export const isCoveredByOthers = (purchase: PaidPurchase, periods: readonly AccessPeriod[], now: Date): boolean => {
  if (purchase.isRenewal) return false
  const { availableFrom } = purchase.entity
  const from = availableFrom !== null && availableFrom > now ? availableFrom : now
  const expiresAt = expiryFrom(purchase, purchase.createdAt, now)
  // The checkouts of two purchases may have been created at different times, so a difference of one checkout lifetime is allowed.
  const until = expiresAt === null ? null : new Date(Math.max(expiresAt.getTime() - checkoutLifetimeMs, from.getTime() + 1))
  return isCoveredBy(paidPeriodsOfOthers(periods, purchase.id), { from, until })
}

/** Returns when a payment's access starts, regardless of the entity's release. A renewal starts when the user's current access ends. */
export const purchaseStart = async (tx: Tx, purchase: PaidPurchase, paidAt: Date): Promise<Date> => {
  if (!purchase.isRenewal) return paidAt
  const periods = await readAccessPeriods(tx, purchase, paidAt)
  return renewalStart(
    periods.filter(({ purchaseId }) => purchaseId !== purchase.id),
    { at: paidAt, availableFrom: purchase.entity.availableFrom },
    purchase,
  )
}

/**
 * Returns the user's other paid purchases that now give the same access as the given purchase, or access to members of its entity. The
 * result is ordered by id.
 */
export const purchasesWithSameAccess = async (
  tx: Tx,
  purchase: Pick<PaidPurchase, 'id' | 'userId' | 'entityId'>,
  now: Date,
): Promise<string[]> => {
  const { id, userId, entityId } = purchase
  const rows = await tx.$queryRaw<{ purchaseId: string }[]>`
    SELECT purchase_id AS "purchaseId" FROM access_periods(${userId}, ${entityId}, ${now}) WHERE purchase_id <> ${id}
    UNION
    SELECT grants.purchase_id FROM grants JOIN entities ON entities.id = grants.entity_id
    WHERE grants.user_id = ${userId} AND grants.revoked_at IS NULL AND grants.purchase_id IS NOT NULL
      AND coalesce(grant_expires_at(grants, grant_starts_at(grants, entities.available_from)) > ${now}, true)
      AND EXISTS (
        SELECT FROM containments WHERE member_id = grants.entity_id AND container_id = ${entityId} AND removed_at IS NULL
      )
    ORDER BY 1`
  return rows.map(({ purchaseId }) => purchaseId)
}
