import { type Access, accessAt, type GrantedPeriod, grantToPlay } from './grant.ts'

/** A session without a heartbeat for this long loses its place. */
export const playbackLeaseSeconds = 90

/** Why a session has no place. */
export type PlaceLostCause = 'limit' | 'taken_over' | 'replaced'

/**
 * Returns why a session has no place. `endReason` is why it ended; null if it is new, or if its lease ran out. `hasSameDevice`: another
 * session of its device has a place. That session can be replaced without a free place, so it comes first.
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

/** A grant with its product's limit of screens that may play at once; null if the product has no limit, or there is no product. */
export interface PlayablePeriod extends GrantedPeriod {
  maxStreams: number | null
}

/**
 * Returns how many of the user's screens may play at once, given the user's periods of access to the entity: the limit of the product that
 * gave the access, or else the default. If several grants are active, the most permissive one counts.
 */
export const streamLimit = (periods: readonly PlayablePeriod[], at: Date, defaultLimit: number): number => {
  const limits = periods.filter((period) => accessAt([period], at)?.hasAccess).map(({ maxStreams }) => maxStreams ?? defaultLimit)
  return limits.length > 0 ? Math.max(...limits) : defaultLimit
}

/**
 * Returns the access that the user has without starting another rental. A running playback continues only within this access: a rental's
 * clock starts only when the user starts playback, never automatically when an earlier rental ends.
 */
export const startedAccessAt = (periods: readonly GrantedPeriod[], at: Date): Access | null =>
  accessAt(
    periods.filter(({ watchWithinHours, firstPlayedAt }) => watchWithinHours === null || firstPlayedAt !== null),
    at,
  )

/** A rental that has not been started and continues the access. */
export interface NextRental {
  /** The end of the access, or of the time to start the rental, that the next playback uses. */
  startsAt: Date
  startBy: Date
  watchWithinHours: number
}

/**
 * Returns the rental that the next playback uses, and the rental that the user can start after the current access. `current` is null if the
 * next playback uses other access.
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
