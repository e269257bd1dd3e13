import type { Outputs } from '@pay-to-view/client'

/** A user's access to an entity, as returned by `useAccess`. */
export type Access = Outputs['access']['check']

/** The state of a user's access, as a page shows it. */
export type AccessPhase =
  /** The user has no access, now or later. */
  | { phase: 'none' }
  /** The access starts later, for example because the event was pre-sold. */
  | { phase: 'upcoming'; startsAt: string }
  | { phase: 'permanent' }
  /** A rental that has not been started. The hours in `watchWithinHours` start with the first playback. */
  | { phase: 'startable'; startBy: string; watchWithinHours: number }
  /**
   * The access will end, for example because a rental has been started. If `next` is not null, the user can then start another
   * rental, until `next.startBy`.
   */
  | { phase: 'limited'; expiresAt: string; next: { startBy: string; watchWithinHours: number } | null }

export const accessPhase = ({ hasAccess, startsAt, expiresAt, rental, nextRental }: Omit<Access, 'entityId'>): AccessPhase => {
  if (!hasAccess) return startsAt === null ? { phase: 'none' } : { phase: 'upcoming', startsAt }
  if (expiresAt === null) return { phase: 'permanent' }
  const endsAt = nextRental?.startsAt ?? expiresAt
  if (rental !== null && rental.startedAt === null)
    return { phase: 'startable', startBy: endsAt, watchWithinHours: rental.watchWithinHours }
  const next = nextRental && { startBy: nextRental.startBy, watchWithinHours: nextRental.watchWithinHours }
  return { phase: 'limited', expiresAt: endsAt, next }
}

/** How long a product gives access. Access is permanent if both fields are null. */
export interface AccessTerms {
  accessDurationDays: number | null
  rental: { startWithinDays: number; watchWithinHours: number } | null
}

const millisecondsPerDay = 86_400_000

/**
 * Returns when access expires after a renewal with a product. For a rental, returns the time by which it must be started. Null
 * means permanent access; undefined means that a renewal would add nothing.
 */
export const renewedUntil = (access: Pick<Access, 'expiresAt' | 'startsAt'>, terms: AccessTerms): Date | null | undefined => {
  if (access.startsAt === null || access.expiresAt === null) return undefined
  const days = terms.rental?.startWithinDays ?? terms.accessDurationDays
  return days === null ? null : new Date(Date.parse(access.expiresAt) + days * millisecondsPerDay)
}
