import { type Access, accessAt, type GrantedPeriod } from './grant.ts'

/** A session without a heartbeat for this long loses its place. */
export const playbackLeaseSeconds = 90

/** A grant, and how many screens its product lets play at the same time; null if the product has no limit of its own, or if there is no product. */
export interface PlayablePeriod extends GrantedPeriod {
  maxStreams: number | null
}

/**
 * Returns how many screens of the user may play at the same time, given the periods of access to what they play: the limit of the product that gave the
 * access, or else the default. Of several grants that are active, the most permissive counts.
 */
export const streamLimit = (periods: readonly PlayablePeriod[], at: Date, defaultLimit: number): number => {
  const limits = periods.filter((period) => accessAt([period], at)?.hasAccess).map(({ maxStreams }) => maxStreams ?? defaultLimit)
  return limits.length > 0 ? Math.max(...limits) : defaultLimit
}

/**
 * Returns the access that needs no rental to be started. A running playback continues only within it: the clock of a rental starts when its user
 * starts to play, never automatically when an earlier rental ends.
 */
export const startedAccessAt = (periods: readonly GrantedPeriod[], at: Date): Access | null =>
  accessAt(
    periods.filter(({ watchWithinHours, firstPlayedAt }) => watchWithinHours === null || firstPlayedAt !== null),
    at,
  )
