import type { Projection, Status } from './project.ts'

/** A payment that was refunded or fought over from the first telling had no grant, and yet what comes back is restored, not a second one. */
export const isRestorable = (status: Status): boolean =>
  status === 'Refunded' || status === 'Disputed' || status === 'ChargedBack'

/** The grant that this purchase has had, if any, and whether another purchase's live grant covers the same entity for the same user. */
export interface Holdings {
  own: 'none' | 'live' | 'ended'
  /** The access that the payment gave is past its end. */
  lapsed: boolean
  coveredByOther: boolean
}

/** What applying facts does to access across a user's purchases. */
export type Settlement =
  /** Give (or give back) access. */
  | 'grant'
  /** Access goes on as it is. */
  | 'keep'
  /** Take access away, or leave it away. */
  | 'revoke'
  /** A second payment for what is owned: no access, and the payment is refunded. */
  | 'refund_duplicate'
  /** Entitled again after a refund that failed or a dispute that was won, while something bought since covers it: the operator decides. */
  | 'alert_covered'

/** The first payment to be applied keeps the grant; one restored later never takes it from a newer one. */
export const settle = (projection: Projection, holdings: Holdings): Settlement => {
  if (!projection.entitled) return 'revoke'
  if (holdings.own === 'live') return 'keep'
  if (holdings.own === 'ended' && holdings.lapsed) return 'keep'
  if (!holdings.coveredByOther) return 'grant'
  return holdings.own === 'none' ? 'refund_duplicate' : 'alert_covered'
}
