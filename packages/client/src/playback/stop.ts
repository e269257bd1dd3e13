import { problemOf } from '../problem.ts'
import type { ActiveScreen, KnownAccess } from './calls.ts'

/** Why playback stopped or could not start. */
export type PlaybackStop =
  /** The purchase was refunded, or its payment is disputed. */
  | { reason: 'refunded' | 'disputed' }
  /** The access has expired, for example because a rental has ended. */
  | { reason: 'expired' }
  /** The access was revoked. */
  | { reason: 'revoked' }
  /** The user had no access. */
  | { reason: 'no_access' }
  | { reason: 'not_started'; startsAt: string | null }
  /**
   * The session has no place. `too_many_streams`: no place was free. `taken_over`: another screen took the place. `replaced`:
   * the same device started another session, for example in another tab. `sessions` lists the sessions that hold the user's
   * places.
   */
  | { reason: 'too_many_streams' | 'taken_over' | 'replaced'; sessions: ActiveScreen[] }
  /** Playback did not restart automatically, because it would start a rental's viewing period or end the right of withdrawal. */
  | { reason: 'click_required' }
  | { reason: 'signed_out' }
  /** The server rejected the call for another reason, such as an unknown entity. */
  | { reason: 'failed'; error: unknown }

/** How to continue after a failed call. */
export type Failure =
  | { next: 'retry' }
  /** The session no longer exists, so a new session is started. */
  | { next: 'restart' }
  | { next: 'find_reason' }
  | { next: 'stop'; stop: PlaybackStop }

const isTemporary = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 501)

export const failureOf = (error: unknown, call: 'start' | 'heartbeat'): Failure => {
  const problem = problemOf(error)
  if (problem === null || isTemporary(problem.status)) return { next: 'retry' }
  if (problem.code === 'not_started') return { next: 'stop', stop: { reason: 'not_started', startsAt: problem.startsAt ?? null } }
  if (problem.code === 'too_many_streams') {
    const { cause = 'limit', sessions = [] } = problem
    return { next: 'stop', stop: { reason: cause === 'limit' ? 'too_many_streams' : cause, sessions } }
  }
  if (problem.status === 401) return { next: 'stop', stop: { reason: 'signed_out' } }
  if (problem.code === 'no_access') return { next: 'find_reason' }
  if (call === 'heartbeat' && problem.status === 404) return { next: 'restart' }
  return { next: 'stop', stop: { reason: 'failed', error } }
}

/** The browser's clock may be behind the server's. */
const clockToleranceMs = 5_000

/**
 * Returns why the access that a session used has ended. `purchaseStatus` is null if the access did not come from a purchase, or
 * if the status is unknown.
 */
export const endOfAccess = (known: KnownAccess | null, purchaseStatus: string | null, now: number): PlaybackStop => {
  if (known === null) return { reason: 'no_access' }
  if (purchaseStatus === 'Refunded') return { reason: 'refunded' }
  if (purchaseStatus === 'Disputed' || purchaseStatus === 'ChargedBack') return { reason: 'disputed' }
  // The previous rental has ended, and the next rental has not been started.
  if (known.rental?.startedAt === null) return { reason: 'expired' }
  const endsAt = known.nextRental?.startsAt ?? known.expiresAt
  if (endsAt !== null && Date.parse(endsAt) <= now + clockToleranceMs) return { reason: 'expired' }
  return { reason: 'revoked' }
}

/** Whether playback can continue as soon as the user has access again. */
export const isAboutAccess = ({ reason }: PlaybackStop): boolean =>
  !['too_many_streams', 'taken_over', 'replaced', 'signed_out', 'failed'].includes(reason)
