import { decideRefund, type RefundDecision, type RefundRejection } from './decide-refund.ts'
import type { Facts } from './facts.ts'
import { secondsPerDay } from './grant.ts'
import type { Settlement } from './project.ts'

/** The reasons why a buyer cannot withdraw from a purchase. */
export const withdrawalRefusals = [
  /** The site does not offer withdrawals, because CONSENT is off. */
  'not_offered',
  /** The buyer has already withdrawn. */
  'withdrawn',
  'not_paid',
  'already_refunded',
  /** The payment is disputed or was charged back, so the bank decides who gets the money. */
  'disputed',
  /** With consent, the first playback ends the right of withdrawal. */
  'played',
  'too_late',
] as const
export type WithdrawalRefusal = (typeof withdrawalRefusals)[number]

/** The data that determines whether a buyer may withdraw. */
export interface WithdrawalFacts {
  /** Whether the site offers withdrawals (CONSENT=eu). */
  isOffered: boolean
  withdrawnAt: Date | null
  facts: Facts
  settlement: Settlement | null
  /** When the purchase was paid or the free order was completed; null if neither has happened. */
  paidAt: Date | null
  /** Whether the buyer's consent is stored with the purchase. */
  hasConsent: boolean
  /** When the grant's entity or one of its members was first played. */
  firstPlayedAt: Date | null
}

export type WithdrawalDecision =
  | { possible: true; until: Date; refund: Exclude<RefundDecision, { rejected: string }> }
  /** `until` is null if there is no withdrawal period, for example because there is no payment. */
  | { possible: false; reason: WithdrawalRefusal; until: Date | null }

/** The withdrawal period in days, from Directive 2011/83/EU, Article 9. */
export const withdrawalDays = 14

/** The number of months by which the period is extended if the buyer was not informed or has not consented, from Article 10. */
const monthsWithoutConsent = 12

/** Returns the same day and time the given number of months later, or the last day of that month if the month is shorter. */
const addMonths = (date: Date, months: number): Date => {
  const moved = new Date(date)
  moved.setUTCMonth(date.getUTCMonth() + months)
  if (moved.getUTCDate() !== date.getUTCDate()) moved.setUTCDate(0)
  return moved
}

/** Returns the last moment at which a buyer may withdraw, unless something else ends the right of withdrawal earlier. */
export const withdrawalEnd = (paidAt: Date, hasConsent: boolean): Date => {
  const from = hasConsent ? paidAt : addMonths(paidAt, monthsWithoutConsent)
  return new Date(from.getTime() + withdrawalDays * secondsPerDay * 1_000)
}

/**
 * Maps the rejection of a refund to the rejection of a withdrawal. The rejections of an amount cannot occur, because a withdrawal refunds the
 * whole remaining amount.
 */
const refusals = {
  not_paid: 'not_paid',
  already_refunded: 'already_refunded',
  amount_too_large: 'already_refunded',
  amount_not_a_multiple: 'already_refunded',
  disputed: 'disputed',
  charged_back: 'disputed',
} as const satisfies Record<RefundRejection, WithdrawalRefusal>

/**
 * Whether playback of a purchase that gives access would end the right of withdrawal. It ends the right only with consent, at the first
 * playback, and within the withdrawal period.
 */
export const playbackEndsWithdrawal = (
  {
    isOffered,
    hasConsent,
    firstPlayedAt,
    paidAt,
  }: Pick<WithdrawalFacts, 'isOffered' | 'hasConsent' | 'firstPlayedAt' | 'paidAt'>,
  now: Date,
): boolean => isOffered && hasConsent && firstPlayedAt === null && paidAt !== null && now <= withdrawalEnd(paidAt, hasConsent)

/** Decides whether a buyer may withdraw from a purchase now. The refund is the payment's whole remaining amount. */
export const decideWithdrawal = (
  { isOffered, withdrawnAt, facts, settlement, paidAt, hasConsent, firstPlayedAt }: WithdrawalFacts,
  now: Date,
): WithdrawalDecision => {
  if (!isOffered) return { possible: false, reason: 'not_offered', until: null }
  const until = paidAt && withdrawalEnd(paidAt, hasConsent)
  const refuse = (reason: WithdrawalRefusal): WithdrawalDecision => ({ possible: false, reason, until })
  if (withdrawnAt !== null) return refuse('withdrawn')
  const refund = decideRefund(facts, settlement, undefined)
  if ('rejected' in refund) return refuse(refusals[refund.rejected])
  if (until === null) return refuse('not_paid')
  if (hasConsent && firstPlayedAt !== null) return refuse('played')
  return now > until ? refuse('too_late') : { possible: true, until, refund }
}
