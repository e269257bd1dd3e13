import type { GrantedPeriod, Period } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'

export interface AccessPeriod extends GrantedPeriod {
  /** The time until which a rental can be started; null for other grants. */
  startableUntil: Date | null
}

/** Returns the periods in which a user has or will have access to an entity. Periods that expired before the given time are omitted. */
export const readAccessPeriods = (
  tx: Db | Prisma.TransactionClient,
  { userId, entityId }: { userId: string; entityId: string },
  at: Date,
): Promise<AccessPeriod[]> =>
  tx.$queryRaw`
    SELECT grant_id AS "grantId", source::text, purchase_id AS "purchaseId", watch_within_hours AS "watchWithinHours",
      first_played_at AS "firstPlayedAt", starts_at AS "startsAt", expires_at AS "expiresAt", startable_until AS "startableUntil"
    FROM access_periods(${userId}, ${entityId}, ${at})`

/**
 * Returns the access periods that other purchases paid for. A rental's period lasts until the deadline for starting the rental. A
 * concurrent second payment therefore stays a duplicate even after the rental was watched.
 */
export const paidPeriodsOfOthers = (periods: readonly AccessPeriod[], purchaseId: string): Period[] =>
  periods
    .filter((period) => period.source === 'purchase' && period.purchaseId !== purchaseId)
    .map(({ startsAt, expiresAt, startableUntil }) => ({
      startsAt,
      expiresAt: expiresAt !== null && startableUntil !== null && startableUntil > expiresAt ? startableUntil : expiresAt,
    }))
