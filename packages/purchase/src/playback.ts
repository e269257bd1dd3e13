import { type Access, accessAt, type GrantedPeriod, grantToPlay } from './grant.ts'

/** The time without a heartbeat after which a session loses its place. */
export const playbackLeaseSeconds = 90

/**
 * A session that ends without progress within this many seconds counts as opened but not played. Players send their first heartbeat within
 * this time.
 */
export const unplayedSeconds = 30

/**
 * Returns until when a session was certainly active: its end, or its last heartbeat if the session is open or its lease has expired, because
 * the actual end is then unknown.
 */
export const lastActiveAt = ({ lastSeenAt, endedAt }: { lastSeenAt: Date; endedAt: Date | null }): Date =>
  endedAt !== null && endedAt.getTime() < lastSeenAt.getTime() + playbackLeaseSeconds * 1_000 ? endedAt : lastSeenAt

/**
 * Returns what is known about the part of the media that a session played: `nothing` if the session was only opened, `unknown` if its
 * player reported no progress, as embedded players do, and otherwise `up_to_position`. `endedAt` is the result of `lastActiveAt`.
 */
export const playedPart = ({
  startedAt,
  endedAt,
  maxPositionSeconds,
}: {
  startedAt: Date
  endedAt: Date
  maxPositionSeconds: number
}): 'nothing' | 'unknown' | 'up_to_position' => {
  if (maxPositionSeconds > 0) return 'up_to_position'
  return endedAt.getTime() - startedAt.getTime() < unplayedSeconds * 1_000 ? 'nothing' : 'unknown'
}

/** The reason why a session has no place. */
export type PlaceLostCause = 'limit' | 'taken_over' | 'replaced'

/**
 * Returns the reason why a session has no place. `endReason` is the reason why the session ended; it is null if the session is new or its
 * lease has expired. `hasSameDevice` means that another session on the same device has a place. The reason is then always `replaced`,
 * because that other session can be replaced even if no place is free.
 */
export const placeLostCause = ({
  endReason,
  hasSameDevice,
}: {
  endReason: string | null
  hasSameDevice: boolean
}): PlaceLostCause => {
  if (hasSameDevice) return 'replaced'
  return endReason === 'taken_over' ? 'taken_over' : 'limit'
}

/**
 * An access period with its product's limit on the number of screens that may play at the same time. The limit is null if the product has
 * no limit or the grant has no product.
 */
export interface PlayablePeriod extends GrantedPeriod {
  maxStreams: number | null
}

/**
 * Returns the number of the user's screens that may play an entity at the same time, given the user's access periods for the entity. This
 * is the limit of the product that gave the access, or the default if the product has no limit. If several grants are active, the highest
 * limit applies.
 */
export const streamLimit = (periods: readonly PlayablePeriod[], at: Date, defaultLimit: number): number => {
  const limits = periods.filter((period) => accessAt([period], at)?.hasAccess).map(({ maxStreams }) => maxStreams ?? defaultLimit)
  return limits.length > 0 ? Math.max(...limits) : defaultLimit
}

/**
 * Returns the access that the user has without starting another rental. A running playback continues only within this access, because a
 * rental's time to watch starts only when the user starts playback, never automatically when an earlier rental ends.
 */
export const startedAccessAt = (periods: readonly GrantedPeriod[], at: Date): Access | null =>
  accessAt(
    periods.filter(({ watchWithinHours, firstPlayedAt }) => watchWithinHours === null || firstPlayedAt !== null),
    at,
  )

/**
 * Returns the grant that a running playback uses: among the grants that have been played, or else among those that are not rentals, the
 * grant that a new playback would use. A running playback never starts a rental, and does not use an unplayed grant while a played one
 * gives access.
 */
export const grantToContinue = (periods: readonly GrantedPeriod[], at: Date): GrantedPeriod | null =>
  grantToPlay(
    periods.filter(({ firstPlayedAt }) => firstPlayedAt !== null),
    at,
  ) ??
  grantToPlay(
    periods.filter(({ watchWithinHours }) => watchWithinHours === null),
    at,
  )

/** A rental that has not been started and that the user can start after the current access. */
export interface NextRental {
  /**
   * The start of this rental: the end of the current access or, if the current access is a rental that has not been started, the deadline
   * for starting that rental.
   */
  startsAt: Date
  startBy: Date
  watchWithinHours: number
}

/**
 * Returns the rental that the next playback uses, and the rental that the user can start after the current access. `current` is null if the
 * next playback uses access that is not a rental.
 */
export const rentalsAt = (
  periods: readonly GrantedPeriod[],
  at: Date,
): { current: GrantedPeriod | null; next: NextRental | null } => {
  const played = grantToPlay(periods, at)
  if (played === null) return { current: null, next: null }
  const current = played.watchWithinHours === null ? null : played
  const isStartable = current !== null && current.firstPlayedAt === null
  const startsAt = isStartable ? current.expiresAt : (startedAccessAt(periods, at)?.expiresAt ?? null)
  const next = startsAt && grantToPlay(periods, startsAt)
  if (!next || next.watchWithinHours === null || next.expiresAt === null) return { current, next: null }
  return { current, next: { startsAt, startBy: next.expiresAt, watchWithinHours: next.watchWithinHours } }
}
