import { firstPlaybackOf, type GrantTimes, grantPeriod, type Period, type Rental } from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'

/** The columns from which a grant's start and expiry are derived. */
export const grantTimesColumns = {
  startsAt: true,
  preSold: true,
  accessDurationDays: true,
  rentalStartWithinDays: true,
  rentalWatchWithinHours: true,
  expiresAt: true,
  firstPlayedAt: true,
  extendedUntil: true,
  extendedAt: true,
} satisfies Prisma.GrantSelect

export type GrantTimesRow = Prisma.GrantGetPayload<{ select: typeof grantTimesColumns }>

/** Reads a rental from its two columns, which are either both set or both null. */
export const readRental = (row: {
  rentalStartWithinDays: number | null
  rentalWatchWithinHours: number | null
}): Rental | null =>
  row.rentalStartWithinDays === null || row.rentalWatchWithinHours === null
    ? null
    : { startWithinDays: row.rentalStartWithinDays, watchWithinHours: row.rentalWatchWithinHours }

/** Returns the data from which a grant's times are derived. `availableFrom` is the release of the grant's entity. */
export const grantTimes = ({ preSold, ...row }: GrantTimesRow, availableFrom: Date | null): GrantTimes => ({
  ...row,
  rental: readRental(row),
  releasedAt: preSold ? availableFrom : null,
})

/** Returns when a grant starts and expires. */
export const periodOf = (row: GrantTimesRow, availableFrom: Date | null): Period => grantPeriod(grantTimes(row, availableFrom))

/** Returns when a grant starts and expires, and its first playback, unless the playback does not count. */
export const playedPeriodOf = (row: GrantTimesRow, availableFrom: Date | null): Period & Pick<GrantTimes, 'firstPlayedAt'> => {
  const times = grantTimes(row, availableFrom)
  const period = grantPeriod(times)
  return { ...period, firstPlayedAt: firstPlaybackOf(times, period.startsAt) }
}

/** Whether a grant gives access at a given time. */
export const isActiveGrant = (
  grant: (GrantTimesRow & { revokedAt: Date | null }) | null,
  availableFrom: Date | null,
  at: Date,
): boolean => {
  if (grant === null || grant.revokedAt !== null) return false
  const { startsAt, expiresAt } = periodOf(grant, availableFrom)
  return startsAt <= at && (expiresAt === null || expiresAt > at)
}
